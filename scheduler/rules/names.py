"""Names of units as people write them: 赣州市卫健委 and 赣州市卫生健康委员会 are one."""

from __future__ import annotations

import re
from functools import lru_cache

from gzcrawl.items import normalise_title
from gzcrawl.registry import Department

# The full word and what is commonly written for it, longest first. Both sides of a comparison are shortened, so a pair
# that is too eager can only make two names equal: it never accuses.
_SHORT: tuple[tuple[str, str], ...] = (
    ("网络安全和信息化委员会办公室", "网信办"),
    ("互联网信息办公室", "网信办"),
    ("国有资产监督管理委员会", "国资委"),
    ("文化广电新闻出版旅游", "文旅"),
    ("住房公积金管理中心", "公积金中心"),
    ("人力资源和社会保障", "人社"),
    ("人力资源社会保障", "人社"),
    ("乡村振兴和农业农村", "农业农村"),
    ("住房和城乡建设", "住建"),
    ("住房城乡建设", "住建"),
    ("文化广电和旅游", "文旅"),
    ("文化广电旅游", "文旅"),
    ("文化和旅游", "文旅"),
    ("自然资源和规划", "自然资源"),
    ("自然资源规划", "自然资源"),
    ("工业和信息化", "工信"),
    ("工业信息化", "工信"),
    ("发展和改革", "发改"),
    ("发展改革", "发改"),
    ("退役军人事务", "退役军人"),
    ("市场监督管理", "市场监管"),
    ("公共资源交易", "公共资源"),
    ("行政审批服务", "行政审批"),
    ("卫生健康", "卫健"),
    ("环境保护", "环保"),
    ("医疗保障", "医保"),
    ("应急管理", "应急"),
    ("城市管理", "城管"),
    ("交通运输", "交通"),
    ("科学技术", "科技"),
    ("文广旅", "文旅"),
    ("人民政府", "政府"),
    ("办公厅", "办"),
    ("办公室", "办"),
    ("委员会", "委"),
)
_PLACE = re.compile(r"(?:中国共产党|中共)?[^市县区]{2,4}(?=[市县区].{2})")
_SHORTEST = 4  # characters: 市教育局


@lru_cache(maxsize=8192)
def canonical(name: str) -> str:
    """Width, punctuation and the usual abbreviations folded."""
    folded = normalise_title(name)
    for full, short in _SHORT:
        folded = folded.replace(full, short)
    return folded


@lru_cache(maxsize=8192)
def spellings(department: Department) -> frozenset[str]:
    """The canonical names of the unit; without the name of the place too (市卫健委), except for governments of places."""
    whole = {canonical(name) for name in department.names}
    local = {_PLACE.sub("", name, count=1) for name in whole}
    return frozenset(whole | {name for name in local if len(name) >= _SHORTEST and not name.endswith("政府")})


def names_unit(text: str, department: Department) -> bool:
    """Whether the text names the unit by its name or a registered alias, in full or abbreviated."""
    folded = canonical(text)
    return any(name in folded for name in spellings(department))


def same_name(one: str, other: str) -> bool:
    return normalise_title(one) == normalise_title(other)


def fits(name: str, department: Department) -> bool:
    """Whether an account's name has anything of the unit's names: two characters in a row (健康章江 of 章江市卫健委)."""
    folded = normalise_title(name)
    pairs = {folded[n : n + 2] for n in range(len(folded) - 1)}
    told = "".join(map(normalise_title, department.names)) + "".join(map(canonical, department.names))
    return any(pair in told for pair in pairs)
