"""Reads the body of an answer within limits: of bytes on the wire and of bytes after decompression."""

import zlib
from typing import Protocol

from core.errors import FetchError

CHUNK = 64 * 1024
MOST_MEMBERS = 1000  # of one gzip body: empty ones cost time and add nothing to the size


class Raw(Protocol):
    """As much of ``urllib3.response.BaseHTTPResponse`` as is used here."""

    def read(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """The next bytes of the body as they were sent."""
        ...


class _Plain:
    """Stands in for a decompressor where nothing is compressed."""

    unconsumed_tail = b""
    unused_data = b""
    eof = True

    def decompress(self, data: bytes, _max_length: int = 0) -> bytes:
        return data


class _Inflate:
    """Grows compressed chunks into bytes, never further than one byte over the limit."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._encoding = encoding
        self._limit = limit
        self._inner: zlib._Decompress | _Plain | None = None
        self._members = 0
        self.out = bytearray()

    def _start(self, data: bytes) -> "zlib._Decompress | _Plain":
        if self._encoding == "gzip":
            return zlib.decompressobj(wbits=31)
        if self._encoding == "deflate":
            # RFC 9110 section 8.4.1.2: zlib's format, but some servers send the bare stream.
            framed = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            return zlib.decompressobj(wbits=15 if framed else -15)
        return _Plain()

    def feed(self, data: bytes) -> None:
        while data and len(self.out) <= self._limit:
            if self._inner is None:
                self._members += 1
                if self._members > MOST_MEMBERS:
                    raise zlib.error("too many members")
                self._inner = self._start(data)
            self.out += self._inner.decompress(data, self._limit + 1 - len(self.out))
            data = self._inner.unconsumed_tail
            if (
                self._inner.unused_data
            ):  # gzip may be several members, one after the other (RFC 1952 section 2.2)
                data = self._inner.unused_data
                if self._encoding != "gzip" or not data.startswith(b"\x1f\x8b"):
                    return
                self._inner = None

    @property
    def whole(self) -> bool:
        return self._inner is None or self._inner.eof


def read(raw: Raw, encoding: str, declared: str | None, limit: int, host: str) -> bytes:
    """The whole body, decompressed; raises FetchError if it is too large, broken off or of another encoding.

    ``encoding`` and ``declared`` are the headers Content-Encoding and Content-Length. Raises zlib.error where
    the compressed bytes are wrong.
    """
    kind = encoding.strip().lower().removeprefix("x-")
    if kind not in ("", "identity", "gzip", "deflate"):
        raise FetchError(f"{host}: the answer is compressed in a way that was not asked for", temporary=False)
    too_large = FetchError(f"{host}: the answer is larger than {limit} bytes", temporary=False)
    if declared and declared.isascii() and declared.isdigit() and int(declared[:18]) > limit:
        raise too_large
    inflate, wire = _Inflate(kind, limit), 0
    while chunk := raw.read(CHUNK, decode_content=False):
        wire += len(chunk)
        inflate.feed(chunk)
        if max(wire, len(inflate.out)) > limit:
            raise too_large
    if not inflate.whole:
        raise FetchError(f"{host}: the answer broke off", temporary=True)
    return bytes(inflate.out)
