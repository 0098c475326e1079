"""A signed POST to a system of the house's own, such as a ticket desk (the Standard Webhooks specification).

No address is refused for being private: the operator alone writes the url, and a desk on the premises is the
usual receiver. What could lead astray is shut instead: https proves who answers, wherever that is; plain http
goes only to this machine and to hosts named in ``allow_hosts``; no redirect is followed, no proxy of the
environment used, and no word of an answer kept.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from alerts.channels._http import connection, refusal
from alerts.channels._signing import check_key, signed
from core.telling import Message

KIND = "webhook"
_URL = TypeAdapter(HttpUrl)


class Options(BaseModel):
    """``key`` ("whsec_…") signs; ``timeout`` is in seconds; ``allow_hosts`` may be told by plain http.

    ``ca_file`` (PEM) is trusted in place of the system's authorities. The url is not shown either: many
    receivers put a secret into it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: SecretStr
    key: SecretStr
    timeout: float = Field(default=20, gt=0, le=300)
    allow_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        url = self.parsed()
        plain = {"localhost", "127.0.0.1", "[::1]", *(host.lower() for host in self.allow_hosts)}
        if url.username or url.password:
            raise ValueError("url takes no user name or password: the signature proves who sends")
        if url.scheme == "http" and not plain & {url.host, f"{url.host}:{url.port}"}:
            raise ValueError("plain http is for this machine and hosts named in allow_hosts: use https")
        check_key(self.key.get_secret_value())
        return self

    def parsed(self) -> HttpUrl:
        """The url, taken apart; ValueError, which never holds it, if it is none."""
        try:
            return _URL.validate_python(self.url.get_secret_value())
        except ValidationError:
            raise ValueError("url must be the https address that takes the messages") from None


def send(message: Message, options: Options) -> None:
    """Posts one message in its short form; raises SendError."""
    words = {"type": message.key.partition("/")[0], "key": message.key}
    body = json.dumps(words | {"subject": message.subject, "text": message.short})
    headers = {"Content-Type": "application/json", "User-Agent": "redshank"}
    headers |= signed(body, message.key, datetime.now(UTC), options.key.get_secret_value())
    url = options.parsed()
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    with connection(url, options.timeout, options.ca_file) as there:
        there.request("POST", target, body.encode(), headers)
        with there.getresponse() as answer:
            status = answer.status
    if not 200 <= status < 300:
        raise refusal(status)


def check(options: Options) -> None:
    """Connects, certificate and all, and asks for nothing; raises SendError."""
    with connection(options.parsed(), options.timeout, options.ca_file) as there:
        there.connect()
