"""A table as old systems give them away, made up: bad ages, days that never were, two encodings."""

HEADER = "客户姓名,联系电话,年龄,生日,首次到店日期,最近到店日期,到店次数,消费金额(元),来源渠道,城市\n"
GOOD = 60
BAD = [
    "王小一,13800139001,-3,2024-02-30,2024-03-05,2024-04-01,2,1280,抖音,杭州",
    "李小二,13800139002,187,1990-05-01,2023-13-01,2024-04-01,2,1280,抖音,杭州",
    "张小三,1380013,28,1996-05-01,2024-03-05,2024-01-01,2,1280,抖音,杭州",
    "赵小四,13800139004,29,1995-05-01,2099-03-05,,2,很多,火星,杭州",
    "钱小五,13800139005,,,三月五日,,-4,1280,抖音,杭州",
    "孙小六,,31,1993-05-01,2024-03-05,,1,99999999999,抖音,杭州",
    "周小七,13800139007,30,1994-05-01,2024-03-05,,1,1280,抖音,杭州,多了一列",
]


def dirty_file() -> bytes:
    """Sixty good rows in UTF-8, then seven bad and three good ones that somebody appended in GBK."""
    lines = []
    for number in range(GOOD):
        day = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
        amount = ('"1,280.00"', "￥3200", "1.2万", "９８０", "")[number % 5]
        source = ("抖音", "小红书", "老带新")[number % 3]
        city = ("杭州", "宁波", "")[number % 3]
        lines.append(
            f"客户{number},138001{number:05},{20 + number % 40},{1965 + number % 40}-06-01,{day},,"
            f"{number % 6},{amount},{source},{city}"
        )
    more = [
        *BAD,
        *(f"补录{n},139002{n:05},33,1991-06-01,2024/5/{n + 1},,1,200,朋友介绍,杭州" for n in range(3)),
    ]
    return (HEADER + "\n".join(lines) + "\n").encode() + ("\n".join(more) + "\n").encode("gbk")
