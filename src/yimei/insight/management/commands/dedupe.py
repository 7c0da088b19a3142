import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.management.files import USAGE_ERROR, FileCommand, shown
from yimei.core.rules.tables import BadInput, Table, csv_text

if TYPE_CHECKING:
    from yimei.insight.rules.linkage.link import Linkage
    from yimei.insight.rules.linkage.records import Records

ALIASES = {
    "编号": "id", "姓名": "name", "名字": "name", "名": "given_name", "姓": "surname", "性别": "sex",
    "手机": "phone", "电话": "phone", "手机号": "phone", "身份证号": "id_no", "身份证": "id_no",
    "证件号": "id_no", "出生日期": "birth_date", "生日": "birth_date", "地址": "address", "住址": "address",
    "城市": "city", "邮编": "postcode", "省": "state", "省份": "state", "邮箱": "email",
    "微信": "wechat", "微信号": "wechat",
}  # fmt: skip


class Command(FileCommand):
    """Finds the records of one person; writes pairs and, if asked, groups."""

    help = gettext_noop("在一张表里（或两张表之间）找出同一个人的记录，给出概率；不需要事先标注")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="IN.csv", help=_("输入的 CSV，须有 id 列；- 表示标准输入"))
        parser.add_argument("--out", required=True, metavar="PAIRS.csv", help=_("成对结果写到哪里"))
        parser.add_argument("--link", metavar="OTHER.csv", help=_("与这张表比对，而不是在一张表里查重"))
        parser.add_argument("--one-to-one", action="store_true", help=_("比对时每条记录最多对上一条"))
        parser.add_argument("--clusters", metavar="FILE", help=_("把每条记录属于哪个人写到这个文件"))
        parser.add_argument("--threshold", type=float, default=0.5, help=_("概率不低于多少才算，默认 0.5"))

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["threshold"] <= 1:
            raise CommandError(_("--threshold 应在 0 与 1 之间。"), returncode=USAGE_ERROR)
        if options["one_to_one"] and not options["link"]:
            raise CommandError(_("--one-to-one 须与 --link 同用。"), returncode=USAGE_ERROR)
        tables = [(options["file"], self.read_table(options["file"]))]
        if options["link"]:
            tables.append((options["link"], self.read_table(options["link"])))
        header, rows = _joined([_checked(shown(name), table) for name, table in tables])

        from yimei.insight.rules.linkage.link import link
        from yimei.insight.rules.linkage.records import COLUMNS, make

        if not set(header) & set(COLUMNS):
            known = "、".join(COLUMNS)
            raise BadInput(
                _("没有可比较的列，可用的列：%(known)s。") % {"known": known},
                file=shown(options["file"]),
                line=1,
            )
        split = len(tables[0][1].rows) if options["link"] else None
        self.tell(_("整理 %(count)d 条记录") % {"count": len(rows)})
        records = make(header, rows, split)
        found = link(
            records, threshold=options["threshold"], one_to_one=options["one_to_one"], tell=self.tell
        )
        self.tell("")
        files: dict[str, str | bytes] = {options["out"]: pairs_text(records, found)}
        if options["clusters"]:
            files[options["clusters"]] = clusters_text(records, found)
        self.write_all(files)
        groups = len(set(found.group.tolist()))
        said = {
            "records": len(records),
            "compared": found.compared,
            "pairs": len(found.one),
            "persons": groups,
        }
        words = _("%(records)d 条记录，比较 %(compared)d 对，%(pairs)d 对是同一人，共 %(persons)d 人")
        self.stdout.write(json.dumps(said) if options["json"] else words % said)


def _checked(file: str, table: Table) -> tuple[list[str], list[list[str]]]:
    """Return header and rows; refuse a table without ids, or with one id twice."""
    header = [ALIASES.get(name.strip(), name.strip().lower()) for name in table.header]
    if "id" not in header:
        raise BadInput(_("缺少 id 列。"), file=file, line=1)
    for name in header:
        if name and header.count(name) > 1 and (name == "id" or name in ALIASES.values()):
            place = len(header) - header[::-1].index(name)
            raise BadInput(_("「%(name)s」列出现了两次。") % {"name": name}, file=file, line=1, column=place)
    at = header.index("id")
    seen: dict[str, int] = {}
    for number, row in enumerate(table.rows, 2):
        if not row[at].strip():
            raise BadInput(_("id 是空的。"), file=file, line=number, column=at + 1)
        if row[at] in seen:
            words = {"id": row[at], "first": seen[row[at]]}
            raise BadInput(
                _("id「%(id)s」与第 %(first)d 行重复。") % words, file=file, line=number, column=at + 1
            )
        seen[row[at]] = number
    return header, table.rows


def _joined(tables: Sequence[tuple[list[str], list[list[str]]]]) -> tuple[list[str], list[list[str]]]:
    """Put the second table's rows under the first's, by the names of the columns."""
    header, rows = tables[0]
    if len(tables) == 1:
        return header, rows
    other, more = tables[1]
    whole = list(dict.fromkeys([*header, *other]))
    both = []
    for names, lines in ((header, rows), (other, more)):
        places = [names.index(name) if name in names else None for name in whole]
        both += [["" if place is None else line[place] for place in places] for line in lines]
    return whole, both


def pairs_text(records: "Records", found: "Linkage") -> str:
    ids = records.ids
    lines = zip(found.one.tolist(), found.two.tolist(), found.probability.tolist(), strict=True)
    return csv_text(["id_l", "id_r", "probability"], [[ids[a], ids[b], f"{p:.6f}"] for a, b, p in lines])


def clusters_text(records: "Records", found: "Linkage") -> str:
    """One line for each record; with two files each id says from which it comes."""
    ids, groups, split = records.ids, found.group.tolist(), records.split
    if split is None:
        return csv_text(
            ["id", "cluster_id"], [[own, ids[group]] for own, group in zip(ids, groups, strict=True)]
        )
    sides = [1 if row < split else 2 for row in range(len(ids))]
    named = [f"{sides[group]}:{ids[group]}" for group in groups]
    return csv_text(["id", "cluster_id", "file"], list(zip(ids, named, sides, strict=True)))
