"""The simulated operator's ETSI TS 102 204 side: SOAP in, SOAP out, as a stranger would write it.

It shares no code with our own client of that standard, so that a fault in one is seen by the
other.
"""

import asyncio
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5
from xml.sax.saxutils import quoteattr

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.signing.mssp.codes import NAMES
from api.signing.mssp.port import Refused, Signed, TransactionReused, UnknownPhone
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.pdf.certificate import Mechanism, fits

PATH = "/soap/services"
_MSS = "http://uri.etsi.org/TS102204/v1.1.2#"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ENVELOPE = (
    f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_SOAP}">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
_FAULT = (
    "<soapenv:Fault><soapenv:Code><soapenv:Value>soapenv:Sender</soapenv:Value>"
    f'<soapenv:Subcode><soapenv:Value xmlns:mss="{_MSS}">mss:_{{code}}</soapenv:Value>'
    '</soapenv:Subcode></soapenv:Code><soapenv:Reason><soapenv:Text xml:lang="en">{name}'
    "</soapenv:Text></soapenv:Reason></soapenv:Fault>"
)
_SPACE = UUID("6a6f0b0c-6a55-4c53-9d6c-6b2f7a6d7373")
_MOST_TEXT = 50
#: The DER of a DigestInfo before a SHA-256 digest (RFC 8017 section 9.2).
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
_NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_PROFILES = {
    "http://mobile-id.vn/digitalSignature": {Mechanism.RSA_PKCS1_SHA256},
    "http://mobile-id.vn/digitalSignature#pss": {Mechanism.RSA_PSS_SHA256},
    "http://mobile-id.vn/digitalSignature#ecdsa": {
        Mechanism.ECDSA_P256_SHA256,
        Mechanism.ECDSA_P384_SHA256,
    },
}


class Fault(Exception):
    """The operator refuses with a code of the standard."""

    def __init__(self, code: int) -> None:
        super().__init__(NAMES[code])
        self.code, self.name = code, NAMES[code]


WRONG_PARAM, MISSING_PARAM = Fault(101), Fault(102)
UNAUTHORIZED, UNKNOWN = Fault(104), Fault(105)
WRONG_LENGTH, BAD_DATA = Fault(103), Fault(107)
BAD_PROFILE = Fault(109)


@dataclass(frozen=True)
class SoapOperator:
    """The three ports over the operator's core."""

    core: SimulatedMssp
    ap_id: str
    ap_password: str
    _used: set[str] = field(default_factory=set)

    def app(self) -> Starlette:
        """Return the application; mutual TLS is the listener's work."""
        ports = {
            "MSS_Registration": self._register,
            "MSS_Signature": self._sign,
            "MSS_Status": self._tell,
        }
        return Starlette(
            routes=[
                Route(f"{PATH}/{name}Port", self._port(name, answer), methods=["POST"])
                for name, answer in ports.items()
            ]
        )

    def _port(self, name: str, answer: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            try:
                asked = self._admit(await request.body(), f"{name}Req")
                return _xml(await answer(asked))
            except Fault as fault:
                return _xml(_FAULT.format(code=fault.code, name=fault.name), status=500)

        return endpoint

    def _admit(self, body: bytes, kind: str) -> Any:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(body, parser)
        except etree.XMLSyntaxError as error:
            raise WRONG_PARAM from error
        inside = root.findall(f"{{{_SOAP}}}Body/{{{_MSS}}}{kind}")
        if len(inside) != 1:
            raise MISSING_PARAM
        (asked,) = inside
        self._must_be_known(_one(asked, "AP_Info"))
        return asked

    def _must_be_known(self, caller: Any) -> None:
        if (caller.get("AP_ID"), caller.get("AP_PWD")) != (self.ap_id, self.ap_password):
            raise UNAUTHORIZED
        transaction = caller.get("AP_TransID") or ""
        if not _NCNAME.fullmatch(transaction) or transaction in self._used:
            raise WRONG_PARAM
        self._used.add(transaction)

    async def _register(self, asked: Any) -> str:
        phone = _phone(asked)
        try:
            certificate = await self.core.certificate(phone)
        except UnknownPhone as unknown:
            raise UNKNOWN from unknown
        given = f"<mss:X509Certificate>{_b64(certificate.der)}</mss:X509Certificate>"
        return _answer("MSS_RegistrationResp", asked, _status(408) + given)

    async def _sign(self, asked: Any) -> str:
        phone, text = _phone(asked), _one(asked, "DataToBeDisplayed").text or ""
        digest, mechanism = _digest(asked), await self._mechanism(phone, asked)
        if len(text) > _MOST_TEXT:
            raise WRONG_LENGTH
        caller = _one(asked, "AP_Info")
        transaction = uuid5(_SPACE, f"{caller.get('AP_ID')}/{caller.get('AP_TransID')}")
        try:
            await self.core.start(
                transaction_id=transaction, phone_number=phone, digest=digest,
                mechanism=mechanism, text=text,
            )  # fmt: skip
        except TransactionReused as reused:
            raise WRONG_PARAM from reused
        mine = f"MSSP_TransID={quoteattr('M' + transaction.hex)}"
        return _answer("MSS_SignatureResp", asked, _status(100), mine)

    async def _mechanism(self, phone: str, asked: Any) -> Mechanism:
        try:
            own = await self.core.certificate(phone)
        except UnknownPhone as unknown:
            raise UNKNOWN from unknown
        uri = "".join(asked.xpath("*[local-name()='SignatureProfile']/*/text()"))
        wanted = _PROFILES.get(uri.strip(), set())
        fitting = [each for each in wanted if fits(own.parsed, each)]
        if not fitting:
            raise BAD_PROFILE
        return fitting[0]

    async def _tell(self, asked: Any) -> str:
        reference = (asked.get("MSSP_TransID") or "").removeprefix("M")
        try:
            transaction = UUID(hex=reference)
        except ValueError as odd:
            raise WRONG_PARAM from odd
        if self.core.kept.find(transaction) is None:
            raise WRONG_PARAM
        match await self.core.status(transaction):
            case Signed(raw):
                inside = (
                    f"<mss:MSS_Signature><mss:Base64Signature>{_b64(raw)}"
                    "</mss:Base64Signature></mss:MSS_Signature>"
                )
                return _answer("MSS_StatusResp", asked, inside + _status(500))
            case Refused(code):
                return _answer("MSS_StatusResp", asked, _status(code))
            case _:
                code = await asyncio.to_thread(self.core.meanwhile, transaction)
                return _answer("MSS_StatusResp", asked, _status(code))


def _one(parent: Any, name: str) -> Any:
    found = parent.find(f"{{{_MSS}}}{name}")
    if found is None:
        raise MISSING_PARAM
    return found


def _phone(asked: Any) -> str:
    number = "".join(asked.xpath("*[local-name()='MobileUser']/*[local-name()='MSISDN']/text()"))
    return str(number.strip().removeprefix("+"))


def _digest(asked: Any) -> bytes:
    data = _one(asked, "DataToBeSigned")
    if data.get("Encoding") != "base64":
        raise BAD_DATA
    try:
        der = b64decode(data.text or "", validate=True)
    except ValueError as error:
        raise BAD_DATA from error
    if not der.startswith(_SHA256) or len(der) != len(_SHA256) + 32:
        raise BAD_DATA
    return der.removeprefix(_SHA256)


def _status(code: int) -> str:
    return (
        f'<mss:Status><mss:StatusCode Value="{code}"/>'
        f"<mss:StatusMessage>{NAMES[code]}</mss:StatusMessage></mss:Status>"
    )


def _answer(kind: str, asked: Any, inside: str, attributes: str = "") -> str:
    caller = _one(asked, "AP_Info")
    echoed = " ".join(
        f"{key}={quoteattr(caller.get(key) or '')}" for key in ("AP_ID", "AP_TransID", "Instant")
    )
    return (
        f'<mss:{kind} xmlns:mss="{_MSS}" MajorVersion="1" MinorVersion="1" {attributes}>'
        f'<mss:AP_Info {echoed} AP_PWD=""/><mss:MSSP_Info><mss:MSSP_ID>'
        "<mss:URI>http://mobile-id.vn</mss:URI></mss:MSSP_ID></mss:MSSP_Info>"
        f"{inside}</mss:{kind}>"
    )


def _b64(data: bytes) -> str:
    return b64encode(data).decode()


def _xml(body: str, status: int = 200) -> Response:
    media_type = "application/soap+xml; charset=utf-8"
    return Response(_ENVELOPE.replace("{body}", body), status, media_type=media_type)
