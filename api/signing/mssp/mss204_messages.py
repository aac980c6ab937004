"""The messages of ETSI TS 102 204 (SOAP 1.2): what we write, and what we believe of an answer.

Messages are built as trees, so that no text can become markup. Answers are parsed without
entities, DTDs or network, and never beyond their first 256 kB.
"""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import algos, core
from lxml import etree

SOAP = "http://www.w3.org/2003/05/soap-envelope"
MSS = "http://uri.etsi.org/TS102204/v1.1.2#"
_NAMES = {"s": SOAP, "m": MSS}
FORMAT = f"{MSS}PKCS1"
LARGEST = 256 * 1024
#: How long the operator keeps a prompt alive, in seconds.
TIMEOUT = timedelta(minutes=5)


class NotAnAnswer(ValueError):
    """This is no answer to what we asked."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who we are to the operator, in one message.

    Attributes:
        transaction_id: fresh for each message, and never used again.
    """

    ap_id: str
    password: str
    transaction_id: str
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """A signature that is asked for."""

    phone_number: str
    digest: bytes
    text: str
    profile: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What of an answer counts."""

    code: int
    transaction_id: str = ""
    signature: bytes = b""
    certificate: bytes = b""


def registration(caller: Caller, phone_number: str) -> bytes:
    """Ask for the certificate of a phone's SIM."""
    message = _message("MSS_RegistrationReq", caller)
    _user(message, phone_number)
    return _enveloped(message)


def signature(caller: Caller, order: Order) -> bytes:
    """Ask for a signature; the operator answers at once and signs later."""
    until = caller.at + TIMEOUT
    message = _message(
        "MSS_SignatureReq",
        caller,
        MessagingMode="asynchClientServer",
        ValidityDate=until.isoformat(timespec="seconds"),
        TimeOut=str(int(TIMEOUT.total_seconds())),
    )
    _user(message, order.phone_number)
    wanted = _add(message, "DataToBeSigned", MimeType="application/octet-stream", Encoding="base64")
    wanted.text = b64encode(digest_info(order.digest)).decode()
    shown = _add(message, "DataToBeDisplayed", MimeType="text/plain", Encoding="UTF-8")
    shown.text = order.text
    _uri(_add(message, "SignatureProfile"), order.profile)
    _uri(_add(message, "MSS_Format"), FORMAT)
    return _enveloped(message)


def status(caller: Caller, reference: str) -> bytes:
    """Ask how far a transaction is, by the operator's name for it."""
    return _enveloped(_message("MSS_StatusReq", caller, MSSP_TransID=reference))


def digest_info(digest: bytes) -> bytes:
    """Return the DER of a SHA-256 digest that names its algorithm."""

    class DigestInfo(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
        _fields = [("algorithm", algos.DigestAlgorithm), ("digest", core.OctetString)]  # noqa: RUF012

    der: bytes = DigestInfo({"algorithm": {"algorithm": "sha256"}, "digest": digest}).dump()
    return der


def read(body: bytes, kind: str, asked_as: str) -> Answered:
    """Read an answer to the message that we sent as `asked_as`, or a SOAP fault.

    Raises:
        NotAnAnswer: it is no XML that we take, not of this kind, or of another message.
    """
    root = _parsed(body)
    fault = root.find("s:Body/s:Fault", _NAMES)
    if fault is not None:
        return Answered(_fault_code(fault))
    answer = root.find(f"s:Body//m:{kind}", _NAMES)
    caller = None if answer is None else answer.find("m:AP_Info", _NAMES)
    if answer is None or caller is None or caller.get("AP_TransID") != asked_as:
        raise NotAnAnswer
    return Answered(
        code=_number(answer.find("m:Status/m:StatusCode", _NAMES)),
        transaction_id=answer.get("MSSP_TransID") or "",
        signature=_binary(answer, "m:MSS_Signature/m:Base64Signature"),
        certificate=_binary(answer, "m:X509Certificate"),
    )


# --- writing --------------------------------------------------------------------------------


def _message(name: str, caller: Caller, **attributes: str) -> Any:
    message = etree.Element(f"{{{MSS}}}{name}", nsmap={"mss": MSS})
    for key, value in {"MajorVersion": "1", "MinorVersion": "1", **attributes}.items():
        message.set(key, value)
    _add(
        message,
        "AP_Info",
        AP_ID=caller.ap_id,
        AP_PWD=caller.password,
        AP_TransID=caller.transaction_id,
        Instant=caller.at.isoformat(timespec="seconds"),
    )
    operator = _add(_add(message, "MSSP_Info"), "MSSP_ID")
    _add(operator, "URI").text = caller.operator
    return message


def _user(message: Any, phone_number: str) -> None:
    _add(_add(message, "MobileUser"), "MSISDN").text = f"+{phone_number}"


def _uri(parent: Any, uri: str) -> None:
    _add(parent, "mssURI").text = uri


def _add(parent: Any, name: str, **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{{{MSS}}}{name}")
    for key, value in attributes.items():
        child.set(key, value)
    return child


def _enveloped(message: Any) -> bytes:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(message)
    written: bytes = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    return written


# --- reading --------------------------------------------------------------------------------


def _parsed(body: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    if len(body) > LARGEST:
        raise NotAnAnswer
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotAnAnswer from error
    if root.getroottree().docinfo.doctype or root.tag != f"{{{SOAP}}}Envelope":
        raise NotAnAnswer
    return root


def _fault_code(fault: Any) -> int:
    """Return the code of a fault, which stands in its subcode as `mss:_401`."""
    said = fault.findtext("s:Code/s:Subcode/s:Value", "", _NAMES)
    digits = said.rpartition("_")[2]
    if not (digits.isascii() and digits.isdigit()):
        raise NotAnAnswer
    return int(digits)


def _number(element: Any) -> int:
    said = "" if element is None else element.get("Value", "")
    if not (said.isascii() and said.isdigit()):
        raise NotAnAnswer
    return int(said)


def _binary(answer: Any, path: str) -> bytes:
    text = "".join((answer.findtext(path, "", _NAMES) or "").split())
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise NotAnAnswer from error
