"""Marking: every line of a mail's text by what it is: words, quote, history marker, header, signature.

One letter per line, so that the shape of a mail is a string:
`e` empty, `d` a rule of dashes and the like, `q` quoted, `b` begins history ("On … wrote:"), `f` begins
a forwarded mail, `Q` both quoted and a marker, `h` a header line of history, `a` "reply above this line",
`t` everything else: words.
"""

from __future__ import annotations

import re

_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|geschrieben|schreef|geschreven|a\s+écrit|ecrit|écrit|escribi[óo]|"
    r"ha\s+scritto|scrive|escreveu|skrev|kirjoitti|napisał(?:a|\(a\))?|pisze|napsal(?:a|\(a\))?|"
    r"napísal(?:a|\(a\))?|a\s+scris|yazdı|írta|έγραψε|написал(?:а|\(а\))?|писал(?:а|\(а\))?|"
    r"пишет|пише|написав|напиша)(?!\w)|写道|写到|寫道|書きました|のメール|님이\s*작성|작성",
    re.I,
)
_OPENS = re.compile(
    r"(?:on|at|in|am|le|el|il|op|em|den|dnia|w\s+dniu|dne|dňa|pe|tarihinde|в|el\s+día)\b|在|于|於|"
    r"\d{1,4}[\s./年-]|(?:mo|di|mi|do|fr|sa|so|pon|wt|śr|czw|pt|sob|niedz|ndz|mon|tue|wed|thu|fri|sat|sun|"
    r"lun|mar|mer|jeu|ven|sam|dim|пн|вт|ср|чт|пт|сб|вс|понед|вторн|сред|четв|пятн|субб|воскр)\w{0,12}\.?,\s*(?:\w+\.?\s+)?\d",
    re.I,
)
_DATED = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d\d\s+GMT\S*\s+\S.*|.{0,80}<[^<>\s]+@[^<>\s]+>:?)|"
    r"\d{4}年\d{1,2}月\d{1,2}日.{0,80}[<＜][^<>\s]+@[^<>\s]+[>＞].{0,3}[:：]|"
    r"\d{4}年\d{1,2}月\d{1,2}日.{0,20}\d{1,2}:\d\d.{1,60}[:：]|"
    r"(?:\w{2,4}\.?,\s?)?\d{1,2}[. ](?:\d{1,2}|\w{3,9})[. ]\d{4}.{0,30}\d{1,2}:\d\d.{0,80}"
    r"<[^<>\s]+@[^<>\s]+>\s?[:：]"
)
_TIMED = re.compile(r".{1,60}\d{1,2}:\d\d.{1,100}<[^<>\s]{1,100}@[^<>\s]{1,200}>\s?[:：]")
_FRAMED_WROTE = re.compile(r"on\b.{6,190}\bwrote", re.I)
_ORIGINAL = re.compile(
    r"(?:original (?:message|e?mail|appointment)|reply message|(?:ursprüngliche|original) ?-? ?nachricht|"
    r"message d['’]origine|courriel original|mensaje original|messaggio originale|"
    r"mensagem original|oorspronkelijk bericht|wiadomość oryginalna|oryginalna wiadomość|"
    r"wiadomość pierwotna|původní zpráva|pôvodná správa|ursprungligt meddelande|"
    r"opprinnelig melding|oprindelig meddelelse|alkuperäinen viesti|исходное сообщение|"
    r"оригинальное сообщение|原始邮件|原始郵件|原邮件|原郵件|邮件原件|郵件原件|回复的原邮件|"
    r"回复的邮件|元のメッセージ|元のメール|원본 메시지|원본 이메일)",
    re.I,
)
_FORWARDED = re.compile(
    r"(?:forwarded (?:message|by)|forwarded mail|begin forwarded message|weitergeleitete nachricht|"
    r"anfang der weitergeleiteten (?:nachricht|e-mail)|message transféré|message transmis|"
    r"début du message (?:réexpédié|transféré)|mensaje reenviado|inicio del mensaje reenviado|"
    r"messaggio inoltrato|inizio messaggio inoltrato|mensagem (?:encaminhada|reencaminhada)|"
    r"doorgestuurd bericht|begin doorgestuurd bericht|(?:wiadomość |treść )?przekazan[aey]j?"
    r"(?: wiadomość| wiadomości|)|początek przekazywanej wiadomości|vidarebefordrat meddelande|"
    r"пересылаемое сообщение|начало переадресованного сообщения|转发的邮件|轉寄的郵件|"
    r"轉寄郵件|转发邮件信息|被转发的邮件|已轉寄郵件|転送メッセージ|転送されたメッセージ|"
    r"転送メール|전달된 메시지|전달된 메일)",
    re.I,
)
_RULE = re.compile(r"[-–—―─━═_=＿＝~～+#*＊·•☆★◇◆○●□■※\s]{2,}|[-–—]|-- ?")
_AUTOMATIC = re.compile(
    r"\W{0,4}(?:sent|from|envoyé|gesendet|enviado|enviada|inviato|verzonden|verstuurd|sendt|skickat|"
    r"lähetetty|wysłan[eoay]|odesláno|odoslané|отправлено|надіслано|trimis|küldve)\s"
    r"(?:from|via|with|by|using|my|depuis|de|avec|à partir|von|mit|vom|über|desde|con|do|da|dal|pelo|"
    r"met|vanaf|vanuit|via|fra|från|z|ze|za|s|с|из|via)\s?.{2,80}|"
    r"\w+ from (?:my )?(?:mobile|phone|iphone|android|cell)|sent by \w+|"
    r"von meinem .{2,40} gesendet|diese nachricht wurde von meinem .{2,80}|"
    r"從我的? ?.{2,30} ?(?:傳送|發送)|从我的 ?.{2,30} ?发送|发自我的.{0,40}|發自我的.{0,40}|"
    r"来自我的 ?.{2,40}|.{2,30}から送信|.{2,20}에서 보냄|"
    r"\W*(?:get|download|holen sie sich|pobierz|télécharger|obtener|ottieni|获取|下载|取得|下載)\s?"
    r"(?:aplikację )?\[?outlook.{0,90}|\[?outlook (?:für|for|pour|dla) (?:ios|android|mac).{0,80}",
    re.I,
)
_ABOVE = re.compile(r"[>\s|]*##- .{1,200} -##\s*")
_NAMED_QUOTE = re.compile(r"[A-Z][A-Za-z]{0,14}>(?: |$)")
_QUOTE_MARKS = re.compile(r"(?:[>|]\s?)+")
_RULES = frozenset("-–—―─━═_=＿＝~～+#*＊·•☆★◇◆○●□■※[<(")
_ODD_STARTS = _RULES | frozenset("0123456789>")
_ODD_ENDS = frozenset("-*_=:：")
_DECORATION = "-–—_=*#~+> :：<"
_INVISIBLE = " \t\u00a0\u200b\u200e\ufeff\u1427"
_MOST_TRIES = 2_000  # lines that may end a wrapped marker; a text of nothing else is no mail
_LABEL_DRESS = "*_>| \t\u200e\u00a0"


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


FROM_LABELS = _words(
    "from, von, de, da, od, van, från, fra, frå, lähettäjä, от, від, kimden, feladó, odesílatel, "
    "odosielateľ, expéditeur, absender, mittente, remitente, nadawca, wysłane przez, από, "
    "发件人, 寄件者, 寄件人, 發件人, 差出人, 送信者, 送信元, 보낸 사람, 보낸사람"
)
OTHER_LABELS = _words(
    "sent, date, to, cc, bcc, subject, reply-to, importance, sent on, gesendet, datum, an, kopie, "
    "betreff, antwort, envoyé, envoyé le, à, a, objet, répondre, enviado, enviado el, fecha, para, "
    "asunto, assunto, data, inviato, oggetto, risposta, wysłano, wysłano dnia, data wysłania, do, "
    "dw, temat, dato, til, emne, kopi, skickat, till, ämne, verzonden, aan, onderwerp, lähetetty, "
    "vastaanottaja, aihe, дата, отправлено, кому, тема, копия, надіслано, gönderme, kime, konu, "
    "odesláno, komu, předmět, predmet, küldve, címzett, tárgy, 发送时间, 發送時間, 发送日期, 收件人, "
    "抄送, 主题, 主題, 寄件日期, 日期, 收件者, 副本, 主旨, 时间, 時間, 送信日時, 日時, 日付, 宛先, 件名, "
    "날짜, 제목, 참조, 받는사람, 받는 사람, 보낸날짜, 보낸 날짜"
)


def mark_lines(text: str) -> tuple[list[str], str]:
    """The lines of `text` and one letter per line, as the module's docstring lists them."""
    lines = text.split("\n")
    marks: list[str] = []
    labels: dict[int, str] = {}
    fences = _count_fences(lines) if "```" in text else 0
    in_code, tries = False, 0
    for place, line in enumerate(lines):
        bare = line.strip()
        if bare and not bare.isascii():
            bare = bare.strip(_INVISIBLE)
        if not bare:
            marks.append("e")
            continue
        first, last = bare[0], bare[-1]
        if fences and first == "`" and bare.startswith("```"):
            fences -= 1
            in_code = not in_code and fences > 0
            marks.append("t")
        elif in_code:
            marks.append("t")
        elif first == ">" and last not in ":：-":
            marks.append("q")
        else:
            is_odd = first in _ODD_STARTS or last in _ODD_ENDS or ">" in bare[:16]
            mark = _mark(bare, first, last) if is_odd else "t"
            marks.append(mark)
            if last in ":：" and tries < _MOST_TRIES:
                tries += 1
                _mark_wrapped(lines, marks, place)
            if mark in "tb" and (":" in line or "：" in line):
                label = _label_of(line)
                if label:
                    labels[place] = label
    if len(labels) > 2:
        _mark_header_blocks(labels, marks)
    return lines, "".join(marks)


def _count_fences(lines: list[str]) -> int:
    return sum(line.lstrip().startswith("```") for line in lines)


def _mark(bare: str, first: str, last: str) -> str:
    if first == ">":
        return _mark_quoted(bare)
    if first in _RULES or last in _ODD_ENDS:
        mark = _mark_decorated(bare)
        if mark:
            return mark
    if first.isdigit() and len(bare) < 160 and _DATED.fullmatch(bare):
        return "b"
    return "q" if ">" in bare[:16] and _NAMED_QUOTE.match(bare) else "t"


def _mark_decorated(bare: str) -> str:
    if bare.startswith("##-") and _ABOVE.fullmatch(bare):
        return "a"
    if _RULE.fullmatch(bare):
        return "d"
    if bare[-1] in ":：" and is_attribution(bare):
        return "b"
    core = bare.strip(_DECORATION)
    if not core or len(core) > 200:
        return ""
    is_framed = bare[0] in _DECORATION and bare[-1] in _DECORATION
    if is_framed and _FRAMED_WROTE.fullmatch(core):
        return "b"
    if len(core) < 80 and (is_framed or bare[-1] in ":："):
        found = _FORWARDED.search(core) or _ORIGINAL.search(core)
        if found and (is_framed or found.start() == 0):
            return "f" if found.re is _FORWARDED else "b"
    return ""


def _mark_quoted(bare: str) -> str:
    inner = _QUOTE_MARKS.sub("", bare, count=1)
    if inner and inner[-1] in ":：" and is_attribution(inner):
        return "Q"
    return "a" if "##-" in inner and _ABOVE.fullmatch(inner) else "q"


def is_automatic_signature(line: str) -> bool:
    """Whether `line` is what a device adds by itself: "Sent from my telephone", in many languages."""
    bare = line.strip()
    return len(bare) < 120 and _AUTOMATIC.fullmatch(bare) is not None


def is_attribution(text: str) -> bool:
    """Whether `text` is a line like "On Monday, Dora wrote:", in any language known here."""
    if len(text) > 400:
        return False
    if _DATED.fullmatch(text):
        return True
    opens = _OPENS.match(text.lstrip("\"'*_ ")) is not None
    if not _WROTE.search(text):
        return opens and _TIMED.fullmatch(text) is not None
    return "@" in text or (opens and any(x.isdigit() for x in text))


def _mark_wrapped(lines: list[str], marks: list[str], place: int) -> None:
    """Mark a history marker that a mailer wrapped over up to five lines and that ends at `place`."""
    joined = lines[place].strip()
    if marks[place] in "fa" or (marks[place] == "b" and _OPENS.match(joined)):
        return
    begins = -1
    for start in range(place - 1, max(place - 5, -1), -1):
        if marks[start] == "b" and lines[start].rstrip()[-1:] in ":：":
            break  # a whole marker of its own
        joined = f"{lines[start].strip()} {joined}".strip()
        if marks[start] not in "teqsb" or len(joined) > 400:
            break
        if marks[start] in "eq" or not is_attribution(joined):
            continue
        if _OPENS.match(joined):
            begins = start
            break
        if begins < 0 and _starts_with_address(lines[start]):
            begins = start
    if begins >= 0:
        marks[begins : place + 1] = "b" * (place + 1 - begins)


def _starts_with_address(line: str) -> bool:
    return re.match(r"[^.!?]{1,60}<[^<>\s]+@", line) is not None


def _mark_header_blocks(labels: dict[int, str], marks: list[str]) -> None:
    """Mark blocks of three header lines and more, with a sender and a date or subject, as history."""
    places = sorted(labels)
    first = 0
    while first < len(places):
        last = first
        while last + 1 < len(places) and places[last + 1] - places[last] <= 3:
            last += 1
        block = places[first : last + 1]
        kinds = {labels[p] for p in block}
        if len(kinds) >= 3 and kinds & FROM_LABELS:
            start = next(p for p in block if labels[p] in FROM_LABELS or p == block[0])
            marks[start : block[-1] + 1] = "h" * (block[-1] + 1 - start)
        first = last + 1


def _label_of(line: str) -> str:
    """The label that opens a header line in any language known here, lower case, else ""."""
    head = line[:40].replace("：", ":").partition(":")[0]
    label = head.strip(_LABEL_DRESS).lower()
    return label if label in FROM_LABELS or label in OTHER_LABELS else ""
