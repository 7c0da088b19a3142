"""The first two digits of an identity number (GB/T 2260)."""

from collections.abc import Mapping

from yimei.insight.rules.words import Words

GRID = """
........黑
......内.吉
.新.甘宁晋京津辽
..青.陕豫冀鲁.
.藏.川渝鄂皖苏沪
...滇黔湘赣浙.
....桂粤闽.台
....琼澳港..
"""
"""Where each province stands in a grid of equal squares: no map, for it shows no border."""
LETTERS = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔滇藏陕甘青宁新台港澳"
"""One letter for each province, in the order of its code."""
TEXT = """
11 北京 Beijing
12 天津 Tianjin
13 河北 Hebei
14 山西 Shanxi
15 内蒙古 Inner Mongolia
21 辽宁 Liaoning
22 吉林 Jilin
23 黑龙江 Heilongjiang
31 上海 Shanghai
32 江苏 Jiangsu
33 浙江 Zhejiang
34 安徽 Anhui
35 福建 Fujian
36 江西 Jiangxi
37 山东 Shandong
41 河南 Henan
42 湖北 Hubei
43 湖南 Hunan
44 广东 Guangdong
45 广西 Guangxi
46 海南 Hainan
50 重庆 Chongqing
51 四川 Sichuan
52 贵州 Guizhou
53 云南 Yunnan
54 西藏 Tibet
61 陕西 Shaanxi
62 甘肃 Gansu
63 青海 Qinghai
64 宁夏 Ningxia
65 新疆 Xinjiang
71 台湾 Taiwan
81 香港 Hong Kong
82 澳门 Macao
"""
PROVINCES: Mapping[str, Words] = {
    code: Words(zh, en) for code, zh, en in (line.split(" ", 2) for line in TEXT.split("\n") if line)
}
CODES = tuple(PROVINCES)
PLACES: Mapping[str, tuple[int, int]] = {
    CODES[LETTERS.index(letter)]: (x, y)
    for y, line in enumerate(GRID.split())
    for x, letter in enumerate(line)
    if letter != "."
}
