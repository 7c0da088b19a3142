"""How numbers that point at a person look, and the words that stand before them."""

import re

from yimei.privacy.rules.pii.text import listed

GAP = r"[ \t　\-‐-―.·_/*,，~\u200b\u200d\ufe0f\u20e3]{0,2}"
MOBILE = re.compile(rf"(?:(?:\+|00)?\(?86\)?{GAP})?1{GAP}[3-9](?:{GAP}\d){{9}}(?!\d)")
HOUSE_MOBILE = re.compile(r"12\d{9}(?!\d)")
LANDLINE = re.compile(
    r"(?:(?:\+|00)86[ -]?)?[(\[]?0(?:10|2\d|[3-9]\d{2})[)\]]?[ \-‐-―]?[2-9]\d{2,3}[ \-‐-―]?\d{4}(?!\d)"
    r"(?:\s?(?:转|-|分机|ext\.?|#)\s?\d{1,5}(?!\d))?",
    re.I,
)
ABROAD_LANDLINE = re.compile(r"(?:\+|00)?\(?(?:852|853|886)\)?[ -]?\d{4}[ -]?\d{4}(?!\d)")
LOCAL_LANDLINE = re.compile(r"[2-8]\d{2,3}[ -]?\d{4}(?!\d)(?:\s?(?:转|-|分机)\s?\d{1,5}(?!\d))?")
ID_18 = re.compile(
    rf"[1-8]\d{{5}}{GAP}[12]\d{{3}}{GAP}\d{{2}}{GAP}\d{{2}}{GAP}\d{{3}}{GAP}[\dXx×](?![\dA-Za-z])"
)
ID_18_LOOSE = re.compile(rf"[1-8](?:{GAP}\d){{16}}{GAP}[\dXx×](?![\dA-Za-z])")
ID_15 = re.compile(r"[1-8]\d{14}(?!\d)")
CARD = re.compile(r"[3-69](?:[ \-‐-―]?\d){14,18}(?!\d)")
ACCOUNT = re.compile(r"\d(?:[ -]?\d){9,22}(?!\d)")
PASSPORT = re.compile(r"(?:E[A-HJ-NP-Za-hj-np-z]\d{7}|[EGgeDdPpSs]\d{8}|1[45]\d{7})(?![\dA-Za-z])")
PASSPORT_CUED = re.compile(r"[A-Za-z]{1,2}\d{6,9}(?![\dA-Za-z])|\d{9}(?![\dA-Za-z])")
PERMIT = re.compile(r"[HMhm]\d{8}(?:\d{2})?(?:\(\d{2}\))?(?![\dA-Za-z])")
PERMIT_CUED = re.compile(
    r"(?:[HMCWLTKhmcwltk][A-Za-z]?\d{7,10}|\d{8}|\d{10})(?:\([A-Z0-9]{1,2}\))?(?![\dA-Za-z])"
)
EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}\s?(?:@|\(at\)|\[at\]|【at】|\(@\)|\sat\s|艾特|#at#)\s?"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62})(?:\s?(?:\.|\(dot\)|\[dot\]|\sdot\s|点|。)\s?))+(?:com|cn|net|"
    r"org|edu|gov|io|me|hk|tw|co|cc|info|top|vip|xyz|tech|med|health|jp|uk|us|de|fr|kr|sg|mo|eu|au|"
    r"ca)(?![A-Za-z0-9])",
    re.I,
)
WECHAT = re.compile(
    r"(?:微信|薇信|威信|徽信|维信|卫星|V信|v信|微❤|微芯|微星|wechat|weixin|(?<![A-Za-z])(?:vx|wx|v|"
    r"wei\s?xin)(?![A-Za-z]))"
    r"\s?(?:号码|号|ID|id|账号|帐号|名)?\s?(?:是|为|改成|换成|用)?\s?[:：=\-—>]{0,2}\s{0,3}(?:我的?|搜索?|"
    r"加|加我|就是|:|：){0,2}\s{0,2}"
    r"([A-Za-z][A-Za-z0-9_\-]{5,19}|[A-Za-z][A-Za-z0-9_\-]{4}|[1-9]\d{5,9})(?![A-Za-z0-9_\-@])",
    re.I,
)
WXID = re.compile(r"(?<![A-Za-z0-9_])wxid_[A-Za-z0-9]{6,22}")
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]\s?[A-HJ-NP-Za-hj-np-z][·•‧・. \-]?"
    r"(?:[A-HJ-NP-Za-hj-np-z0-9]{6}|[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![A-Za-z0"
    r"-9])"
)
HOUSE_RECORD = re.compile(r"ZX[- ]?\d{6,12}(?!\d)", re.I)
RECORD_CUE = (
    r"(?:病\s?历|病\s?案|住\s?院|门\s?诊|门诊病历|就\s?诊|登\s?记|档\s?案|建\s?档|客\s?户|顾\s?客|患\s?者|"
    r"诊\s?疗|诊疗卡|就诊卡|健康卡|检\s?查|影\s?像|放射|超声|病\s?理|标\s?本|条\s?码|"
    r"急\s?诊|体\s?检|会\s?员|医\s?保|社\s?保|手术)\s?(?:卡)?\s?(?:编\s?号|号\s?码|号|ID|id|No\.?)"
)
RECORD = re.compile(
    rf"(?:{RECORD_CUE}|(?:就诊|诊疗|健康|医保|社保)卡|MRN|PID|HIS号|ID号)\s?(?:是|为|:|：|#|\.|"
    rf"=)?\s{{0,4}}[（(\[]?\s?"
    r"([A-Za-z]{0,4}[\-_]?\d[A-Za-z0-9]{2,18}(?:-\d{1,8}){0,2})(?![A-Za-z0-9])",
    re.I,
)
YEAR, MONTH, DAY = r"(?:(?:19|20)\d{2}|\d{2})", r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
DATE = (
    rf"(?:(?:农历|阴历|阳历|公历|公元)?\s?(?:(?:19|20)\d{{2}}\s?[-/.年]\s?{MONTH}(?:\s?[-/.月]\s?{DAY}\s?["
    rf"日号]?(?!\d)|\s?月(?:份)?)|\d{{2}}\s?年\s?{MONTH}\s?月(?:\s?{DAY}\s?[日号])?|"
    rf"(?:19|20)\d{{2}}(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?!\d)|(?:19|20)\d{{2}}年|"
    rf"\d{{2}}[-/.]{MONTH}[-/.]{DAY}(?!\d)|{MONTH}月{DAY}[日号]?|"
    r"(?:(?:19|20)\d{2}|\d{2})[-/.](?:1[0-2]|0?[1-9])(?![\d.])|"
    rf"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s{DAY},?\s(?:19|20)\d{{2}}|"
    rf"{DAY}\s(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s(?:19|20)\d{{2}}))"
)
HAN_YEAR = r"(?:[一二][〇零○一二三四五六七八九]{3}|[〇零○一二三四五六七八九]{2})"
HAN_DATE = (
    rf"(?:{HAN_YEAR}年(?:"
    rf"[正一二三四五六七八九十腊冬]{{1,2}}月(?:[初廿]?[一二三四五六七八九十]{{1,3}}[日号]?)?)?)"
)
BORN_BEFORE = re.compile(
    rf"(?:出\s?生\s?(?:日\s?期|年\s?月(?:\s?日)?|时间|于|在|:|：)?|生\s?日|诞辰|生于|DOB|Date of birth|"
    rf"birth\s?(?:day|date)?|born(?:\son)?)\s?[（(]?(?:农历|阴历|公历|阳历)?[）)]?\s?(?:是|为|在|于|:|：|"
    rf"=)?\s{{0,3}}(?:{DATE}|{HAN_DATE})",
    re.I,
)
BORN_DATE = re.compile(rf"{DATE}|{HAN_DATE}", re.I)
BORN_AFTER = re.compile(
    rf"(?<!\d)(?:{DATE}|{HAN_DATE})(?=\s?(?:出生|生人|生(?![产效活命长日成])|的生日))", re.I
)
SEX_DATE = re.compile(
    rf"(?:[,，\s|/(（、；;\t]|^)[男女](?:性)?\s?[,，|/、；;\t ]\s?((?:19[3-9]\d|"
    rf"20[01]\d)(?:[-/.年]{MONTH}[-/.月]{DAY}日?|(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])))(?!\d)"
)
NOT_PERSONAL = re.compile(
    r"(?:订\s?单|单\s?号|流水|批\s?号|批次|序列号|编\s?码|货\s?号|型\s?号|快递|运单|物流|条形码|条码|"
    r"批准文号|注册证|备案|许可证|发票|税号|UDI|SN|LOT|S/N|产品|器械|药品|"
    r"合同|信用代码|票号|版本|工单|交易号|凭证|编号|REF|耗材|假体|IMEI|设备号|广审|准字|收据|小票|金额|"
    r"共计|价格|￥|¥|案号|团购|券码|核销码|验证码|房号|批)(?:号码|号|编号|码)?\s?(?:是|为|:|：|#|"
    r"No\.?)?\s{0,2}[（(]?[A-Za-z\-]{0,4}$",
    re.I,
)
PHONE_CUE = re.compile(
    r"(?:电话|手机|联系|号码|微信|V信|vx|wx|加我?|打|拨|call|tel|同号|扣|致电|短信|号是|私|找我|来电)", re.I
)
LANDLINE_CUE = re.compile(
    r"(?:座机|固话|固定电话|宅电|办公电话|单位电话|家里?电话|家庭电话|电话|tel|传真|热线|分机|"
    r"总机)[^\d]{0,6}$",
    re.I,
)
SEAT_CUE = re.compile(r"(?:座机|固话|固定电话|宅电|办公电话|单位电话|家里?电话|家庭电话|公司电话)[^\d]{0,6}$")
ID_CUE = re.compile(
    r"(?:身\s?份\s?证|证件|身份号|公民身份|ID\s?(?:card|no|number)?|居民证|SFZ|sfz|户口本)[^\d]{0,10}$", re.I
)
CARD_CUE = re.compile(
    r"(?:银行卡|卡\s?号|借记卡|信用卡|储蓄卡|工资卡|账\s?号|帐\s?号|账户|帐户|退款(?:到|至)|打到|转到|"
    r"[工农建中招交]行|建设银行|工商银行|农业银行|中国银行|招商银行|银行|尾款)[^\d]{0,12}$"
)
NOT_A_CARD = re.compile(
    r"(?:会员卡|就诊卡|诊疗卡|健康卡|储值卡|礼品卡|体验卡|充值卡|医保卡|社保卡|流量卡)[^\d]{0,8}$"
)
PASSPORT_CUE = re.compile(r"(?:护\s?照|passport)[^\d]{0,10}$", re.I)
PERMIT_CUE = re.compile(
    r"(?:通行证|回乡证|台胞证|港澳证|来往内地|往来港澳|来往大陆|台湾居民|港澳居民|居住证|证件)[^\d]{0,14}$"
)
REGIONS = frozenset(
    listed(
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 "
        "81 82 83"
    )
)
THIS_CENTURY = 2035
