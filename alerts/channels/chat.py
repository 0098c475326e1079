"""Teams, Slack, SMS, ntfy and a hundred more, by Apprise: one address says which service and whom it tells.

A message goes in its short form, as plain text and without pictures. Redirects are not followed, certificates
are always checked, and nothing is kept on the disk.
"""

import logging
from typing import Self

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from core.errors import SendError
from core.telling import Message

KIND = "apprise"

# Their lines hold whole addresses, which are secrets, and at times the text. A filter outlives what sets
# the level of a logger.
for _name in ("apprise", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(lambda _record: False)


class Options(BaseModel):
    """``url`` is an address of Apprise, a secret as a whole; ``timeout`` is in seconds, for one attempt."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: SecretStr
    timeout: float = Field(default=20, gt=0, le=300)

    @model_validator(mode="after")
    def _understood(self) -> Self:
        service = _service(self)
        if service is None:
            raise ValueError("url is not one that Apprise understands (appriseit.com lists them)")
        if not service.verify_certificate:
            raise ValueError("url must not switch off the check of certificates (verify=no)")
        return self


def send(message: Message, options: Options) -> None:
    """Sends one message to whomever the url names; raises SendError.

    Apprise says only whether it went, so every failure is taken for one that may pass. Where a url names
    several and one failed, all are told again.
    """
    service = _service(options)
    if service is None:
        raise SendError("Apprise no longer understands the url of this channel", temporary=True)
    body, title = (message.short, message.subject) if message.short else (message.subject, "")
    apprise = Apprise(servers=[service], asset=service.asset)
    if not apprise.notify(body, title, body_format=NotifyFormat.TEXT):
        raise SendError(f"{service.service_name} did not take the message; check url", temporary=True)


def check(options: Options) -> None:
    """Nothing beyond the options, which have been understood: Apprise can only send, and nobody is to be told."""


def _service(options: Options) -> NotifyBase | None:
    """The service behind the url; the few words of it that would weaken what we promise are overruled."""
    asset = AppriseAsset(
        app_id="Redshank",
        app_desc="Redshank",
        app_url="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
    )
    service = Apprise.instantiate(options.url.get_secret_value(), asset=asset)
    if service is not None:
        service.socket_connect_timeout = service.socket_read_timeout = options.timeout
        service.redirects = False
        # Our queue tries again; and "optional" would call a failure a success.
        service.retry, service.optional = 0, False
    return service
