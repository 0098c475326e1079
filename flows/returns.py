"""Mails that came back: what was accepted and did not arrive is told as undelivered."""

from alerts.bounces import read
from core.errors import RedshankError
from core.telling import Delivery, DeliveryStatus
from flows.wiring import House
from storage import deliveries, ledger
from storage.engine import session


def take_in(house: House, raw: bytes) -> str:
    """Record a returned mail; says what was made of it, without an address.

    Anybody can forge one, so it leads to more telling and never to less. Raises RedshankError for a mail that is no
    bounce, or not of one of ours.
    """
    bounce = read(raw)
    if bounce is None:
        raise RedshankError("this is no mail that came back, or not one of ours")
    with session(house.engine) as db:
        key = ledger.find_sent(db, bounce.message_id)
        if key is None:
            raise RedshankError("no message of ours went out under the identifier in this mail")
        if bounce.action != "failed":
            return "only delayed: the mail server goes on trying"
        error = f"it came back ({bounce.status or 'no code'})"
        deliveries.record(db, Delivery(key=key, status=DeliveryStatus.bounced, at=house.now(), error=error))
    return "recorded: the operator and governance are told of it"
