"""Casting: the people of the demo, and the things that Maple Outdoors sells. Imports no Django."""

from __future__ import annotations

import random
from dataclasses import dataclass

ADDRESS = "help@maple.example"
COMPANY, FOOTWEAR = "Maple Outdoors", "Kestrel Footwear"
TEAMS = ("Support", "Returns", "B2B")


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent, with the languages that they answer in."""

    key: str
    name: str
    role: str
    teams: tuple[str, ...]
    languages: tuple[str, ...]
    gender: str = "f"


COLLEAGUES = (
    Colleague("ada", "Ada Lindqvist", "admin", TEAMS, ("en", "pl")),
    Colleague("ben", "Ben Adeyemi", "agent", ("Support", "B2B"), ("en",), "m"),
    Colleague("cy", "Cy Rivera", "agent", ("Returns", "Support"), ("en",), "m"),
    Colleague("kasia", "Kasia Wrona", "lead", TEAMS, ("pl",)),
    Colleague("mei", "張美玲", "agent", TEAMS, ("zh-Hant", "en")),
    Colleague("xiao", "林晓", "agent", TEAMS, ("zh-Hans",)),
    Colleague("piotr", "Piotr Zając", "agent", TEAMS, ("pl",), "m"),
)


@dataclass(frozen=True, slots=True)
class Persona:
    """A customer: `called` is how an agent greets them."""

    name: str
    called: str
    email: str
    language: str
    gender: str


def _people(language: str, domains: tuple[str, ...], rows: str) -> tuple[Persona, ...]:
    """One row per person: name, greeting, gender, local part."""
    found = []
    for number, row in enumerate(line for line in rows.strip().splitlines() if line.strip()):
        name, called, gender, local = (part.strip() for part in row.split("|"))
        address = f"{local}@{domains[number % len(domains)]}"
        found.append(Persona(name, called, address, language, gender))
    return tuple(found)


_EN = """
Tom Okafor | Tom | m | tom.okafor
Harriet Bell | Harriet | f | harriet.bell
Rohan Mehta | Rohan | m | rohan.mehta
Siobhan Keane | Siobhan | f | siobhan
Grace Mbeki | Grace | f | grace.mbeki
Oliver Stone-Hughes | Oliver | m | o.stonehughes
Linnea Berg | Linnea | f | linnea.berg
Jack Whitfield | Jack | m | jack.whitfield
Aisha Rahman | Aisha | f | aisha.rahman
Duncan MacRae | Duncan | m | duncan.macrae
Emily Tanaka | Emily | f | emily.tanaka
Carlos Mendes | Carlos | m | carlos.mendes
Fiona Gallagher | Fiona | f | fiona.g
Peter van Dijk | Peter | m | pvandijk
Nadia Haddad | Nadia | f | nadia.haddad
George Papadakis | George | m | g.papadakis
Chloe Martin | Chloe | f | chloe.martin
Samuel Osei | Samuel | m | samuel.osei
Ingrid Solheim | Ingrid | f | ingrid.solheim
Will Carter | Will | m | will.carter
Yasmin Ali | Yasmin | f | yasmin.ali
Matteo Ricci | Matteo | m | matteo.ricci
Bronwen Price | Bronwen | f | bronwen.price
Kwame Boateng | Kwame | m | kwame.b
Laura Jensen | Laura | f | laura.jensen
Ian Doyle | Ian | m | ian.doyle
Zara Novak | Zara | f | zara.novak
Hugo Lambert | Hugo | m | hugo.lambert
Priya Nair | Priya | f | priya.nair
Ethan Cole | Ethan | m | ethan.cole
"""
_PL = """
Ewa Łukasik | Pani Ewo | f | ewa.lukasik
Marta Nowak | Pani Marto | f | marta.nowak
Tomasz Wiśniewski | Panie Tomaszu | m | t.wisniewski
Grzegorz Brzęczyk | Panie Grzegorzu | m | grzegorz.b
Agnieszka Dąbrowska | Pani Agnieszko | f | agnieszka.dabrowska
Paweł Żółkiewski | Panie Pawle | m | pawel.zolkiewski
Małgorzata Śliwa | Pani Małgorzato | f | m.sliwa
Łukasz Ćwikła | Panie Łukaszu | m | lukasz.cwikla
Joanna Wójcik | Pani Joanno | f | joanna.wojcik
Krzysztof Gąsior | Panie Krzysztofie | m | k.gasior
Zofia Mazur | Pani Zofio | f | zofia.mazur
Jan Źrebiec | Panie Janie | m | jan.zrebiec
Katarzyna Krawczyk | Pani Katarzyno | f | kkrawczyk
Michał Jabłoński | Panie Michale | m | michal.jablonski
Barbara Pawłowska | Pani Barbaro | f | barbara.p
Szymon Kaczmarek | Panie Szymonie | m | szymon.kaczmarek
Hanna Zielińska | Pani Hanno | f | hanna.zielinska
Wojciech Sikora | Panie Wojciechu | m | w.sikora
Iwona Głowacka | Pani Iwono | f | iwona.glowacka
Marek Duda | Panie Marku | m | marek.duda
Dorota Lis | Pani Doroto | f | dorota.lis
Andrzej Bąk | Panie Andrzeju | m | andrzej.bak
"""
_HANT = """
陳怡君 | 陳小姐 | f | yichun.chen
林志明 | 林先生 | m | chihming.lin
黃淑芬 | 黃小姐 | f | shufen.huang
張家豪 | 張先生 | m | chiahao.chang
李雅婷 | 李小姐 | f | yating.lee
王俊傑 | 王先生 | m | chunchieh.wang
吳佩珊 | 吳小姐 | f | peishan.wu
劉建宏 | 劉先生 | m | chienhung.liu
蔡欣怡 | 蔡小姐 | f | hsinyi.tsai
楊宗翰 | 楊先生 | m | tsunghan.yang
許惠雯 | 許小姐 | f | huiwen.hsu
鄭凱文 | 鄭先生 | m | kevin.cheng
梁詠詩 | 梁小姐 | f | wingsze.leung
何嘉俊 | 何先生 | m | kachun.ho
謝宜蓁 | 謝小姐 | f | ichen.hsieh
"""
_HANS = """
李伟 | 李先生 | m | li.wei
王芳 | 王女士 | f | wang.fang
张敏 | 张女士 | f | zhangmin
刘洋 | 刘先生 | m | liuyang
陈静 | 陈女士 | f | chenjing
杨帆 | 杨先生 | m | yangfan
赵雪 | 赵女士 | f | zhaoxue
黄磊 | 黄先生 | m | huanglei
周婷 | 周女士 | f | zhouting
吴强 | 吴先生 | m | wuqiang
徐丽 | 徐女士 | f | xuli
孙浩 | 孙先生 | m | sunhao
马晓燕 | 马女士 | f | ma.xiaoyan
朱国栋 | 朱先生 | m | zhu.guodong
"""
PEOPLE = {
    "en": _people("en", ("mail.example", "post.example", "hillside.example"), _EN),
    "pl": _people("pl", ("poczta.example", "skrzynka.example"), _PL),
    "zh-Hant": _people("zh-Hant", ("xinxiang.example", "shanlu.example"), _HANT),
    "zh-Hans": _people("zh-Hans", ("youjian.example", "qiye.example"), _HANS),
}
#: Colleagues of customers who are copied in and speak up.
THIRDS = {
    "en": Persona("Moira Finch", "Moira", "budget@hillside.example", "en", "f"),
    "pl": Persona("Alicja Rak", "Pani Alicjo", "alicja.rak@skrzynka.example", "pl", "f"),
    "zh-Hant": Persona("周文彬", "周先生", "wenpin.chou@shanlu.example", "zh-Hant", "m"),
    "zh-Hans": Persona("高敏", "高女士", "gaomin@qiye.example", "zh-Hans", "f"),
}
#: Who writes when nobody in particular does.
STRANGERS = {
    "spam": ("Growth Team", "offers{number}@bulk.example"),
    "bulk": ("The Dispatch", "dispatch{number}@news.example"),
}
GOODS = {
    "tent": ("Maple Ridge 2", "Maple Tarn 3", "Maple Solo", "Maple Lodge 5"),
    "boots": ("Kestrel Scree", "Kestrel Moor GTX", "Kestrel Trail"),
    "stove": ("Ember One", "Ember Duo"),
    "pack": ("Fern 45", "Fern 65", "Bracken 28"),
    "jacket": ("Drizzle", "Northwind", "Cirrus"),
}
CITIES = {
    "en": ("Leeds", "Bristol", "Galway", "Inverness"),
    "pl": ("Kraków", "Wrocław", "Rzeszów", "Białystok"),
    "zh-Hant": ("台中", "新竹", "高雄", "花蓮"),
    "zh-Hans": ("杭州", "成都", "南京", "昆明"),
}
MONEY = {
    "en": ("€{}.90", 59, 420),
    "pl": ("{},00 zł", 249, 1800),
    "zh-Hant": ("NT${}", 1980, 14800),
    "zh-Hans": ("¥{}", 399, 2900),
}


def make_slots(
    persona: Persona, *, colleague: Colleague | None, dice: random.Random
) -> dict[str, str]:
    """What fills the slots of one telling."""
    shape, least, most = MONEY[persona.language]
    slots = {thing: dice.choice(names) for thing, names in GOODS.items()}
    size = dice.randint(37, 46)
    return slots | {
        "order": str(dice.randint(87_000, 93_999)),
        "invoice": f"{dice.randint(2100, 4900)}",
        "tracking": f"MX{dice.randint(10**9, 10**10 - 1)}",
        "size": str(size),
        "amount": shape.format(dice.randint(least, most)),
        "city": dice.choice(CITIES[persona.language]),
        "name": persona.called,
        "full": persona.name,
        "g": persona.gender,
        "me": first_name(colleague.name) if colleague else "",
        "a": colleague.gender if colleague else "f",
    }


def first_name(name: str) -> str:
    """Ben of Ben Adeyemi; a Chinese name stays whole."""
    return name.split()[0]
