"""What it means that the other side of a connection gave no answer, told without a word of its own."""

import ssl


def no_answer(error: Exception, who: str) -> str:
    """A failure of socket or ssl in our words: its own may quote an address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{who}'s certificate is not trusted (code {error.verify_code}); nothing was sent"
    if isinstance(error, TimeoutError):
        return f"{who} did not answer in time"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection to {who} can be agreed on"
    return f"{who} cannot be reached ({type(error).__name__})"
