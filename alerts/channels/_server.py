"""The settings of the mail server."""

from email.utils import parseaddr
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Options(BaseModel):
    """The table [mail]: ``port`` follows from ``security`` where it is not given, ``timeout`` is in seconds.

    ``ca_file`` (PEM) is trusted in place of the system's authorities. A password is only allowed with
    TLS, or towards this machine itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)

    host: str = Field(pattern=r"^[^\s/@]+$")
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: SecretStr | None = None
    sender: str = Field(alias="from", pattern=r"^[^\r\n]+$")
    timeout: float = Field(default=20, gt=0, le=300)
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not parseaddr(self.sender)[1].isascii() or "@" not in parseaddr(self.sender)[1].strip("@"):
            raise ValueError("from must be an address, such as alerts@oakfield.example")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password go together")
        if self.password and self.security == "none" and self.host not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError('a password needs security = "starttls" or "tls"')
        return self
