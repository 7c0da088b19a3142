"""The facts as they are read from the records, one row per record; no name, number or free text among them.

``patient`` is replaced by the pseudonym on the way into the store; ``row`` never leaves it.
"""

from yimei.insight.rules.mart.leads import LEADS
from yimei.insight.rules.mart.tables import Table, columns, fact
from yimei.insight.rules.words import Words

CUSTOMER = Table(
    "customer",
    Words("客户", "customers"),
    Words("每位客户一行", "one row per customer"),
    "people.Patient, people.Person",
    columns(
        "people.Patient",
        """
        row BIGINT 记录 | record | id, kept back
        customer BIGINT 客户代号 | customer | a random pseudonym, thrown away on erasure
        campus INTEGER 院区 | campus
        sex VARCHAR 性别 | sex | person.sex
        birth_band INTEGER 出生年段 | birth years from | person.birth_date, the year floored to five
        province VARCHAR 省份代码 | province | first two digits of person.id_no, when there is one
        source VARCHAR 首次来源 | first source
        is_registered BOOLEAN 已建档 | registered | registered_at
        day DATE 首次联系日 | first contact | created_at
        """,
    ),
)

FACTS: tuple[Table, ...] = (
    fact(
        "booking",
        "预约与到诊",
        "bookings and visits",
        ("每个预约一行", "one row per booking"),
        "journey.Booking",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 项目 | procedure
        staff INTEGER 接诊人 | staff
        room INTEGER 房间 | room
        kind VARCHAR 类别 | kind
        visit_kind VARCHAR 接诊类型 | visit kind
        status VARCHAR 状态 | status
        day DATE 预约日 | day | starts_at
        hour INTEGER 时刻 | hour | starts_at
        booked_day DATE 登记日 | booked on | created_at
        lead_days INTEGER 提前天数 | days ahead | starts_at − created_at
        minutes INTEGER 时长 | minutes | ends_at − starts_at
        is_arrived BOOLEAN 已到诊 | arrived | arrived_at
        is_served BOOLEAN 已接诊 | served | status
        is_no_show BOOLEAN 爽约 | no-show | status
        is_cancelled BOOLEAN 已取消 | cancelled | status
        is_late_cancel BOOLEAN 当天取消 | cancelled the same day | BookingMove.at
        is_acknowledged BOOLEAN 客户已确认会来 | acknowledged | acknowledged_at
        wait_minutes DOUBLE 候诊分钟 | minutes waited | served_at − arrived_at
        late_minutes DOUBLE 迟到分钟 | minutes late | arrived_at − starts_at
        """,
    ),
    fact(
        "episode",
        "诊疗事件",
        "episodes",
        ("每个诊疗事件一行", "one row per treatment episode"),
        "journey.Case, journey.CaseMove",
        """
        episode BIGINT 诊疗事件代号 | episode | public_id, keyed
        procedure INTEGER 意向项目 | procedure
        staff INTEGER 现场咨询 | consultant
        surgeon INTEGER 主诊医师 | surgeon
        stage VARCHAR 阶段 | stage
        loss_reason VARCHAR 未成交原因 | reason of loss
        day DATE 开始日 | opened on | opened_at
        is_arrived BOOLEAN 到过诊 | arrived | CaseMove
        is_consulted BOOLEAN 咨询过 | consulted | CaseMove
        is_planned BOOLEAN 定过方案 | planned | CaseMove
        is_scheduled BOOLEAN 排过台 | scheduled | CaseMove
        is_operated BOOLEAN 做过手术 | operated | CaseMove
        is_reviewed BOOLEAN 复查过 | reviewed | CaseMove
        is_won BOOLEAN 已成交 | won | an order with money kept
        is_lost BOOLEAN 未成交 | lost | stage
        is_closed BOOLEAN 已结案 | closed | stage
        days_to_consult DOUBLE 到咨询天数 | days to consultation | CaseMove
        days_to_surgery DOUBLE 到手术天数 | days to surgery | CaseMove
        days_to_close DOUBLE 到结案天数 | days to the end | CaseMove
        """,
    ),
    fact(
        "step",
        "流程步骤",
        "steps",
        ("每次阶段变化一行", "one row per move of an episode"),
        "journey.CaseMove",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 意向项目 | procedure
        old VARCHAR 原阶段 | from
        new VARCHAR 新阶段 | to
        day DATE 日期 | day | at
        hours DOUBLE 距上一步小时 | hours since the step before | at
        """,
    ),
    fact(
        "consultation",
        "现场咨询",
        "consultations",
        ("每次咨询一行", "one row per consultation"),
        "journey.Consultation",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 意向项目 | procedure
        staff INTEGER 咨询人 | consultant
        visit_kind VARCHAR 接诊类型 | visit kind | booking.visit_kind
        day DATE 日期 | day | started_at
        minutes DOUBLE 时长 | minutes | ended_at − started_at
        is_won BOOLEAN 已成交 | won | an order with money kept
        """,
    ),
    fact(
        "quote",
        "报价",
        "quotes",
        ("每份报价一行", "one row per quote"),
        "billing.Quote, billing.QuoteLine, billing.QuoteCut",
        """
        episode BIGINT 诊疗事件代号 | episode | episode, keyed
        procedure INTEGER 主要项目 | main procedure | the dearest line
        staff INTEGER 报价人 | staff
        status VARCHAR 状态 | status
        day DATE 日期 | day | at
        amount DECIMAL(14,2) 报价金额 | amount | lines
        list_amount DECIMAL(14,2) 目录价金额 | list amount | lines
        items INTEGER 项目数 | items | lines
        is_accepted BOOLEAN 客户已选 | accepted | status
        decide_days DOUBLE 答复天数 | days to the answer | decided_at − at
        """,
    ),
    fact(
        "sale",
        "订单",
        "orders",
        ("每张订单一行", "one row per order"),
        "billing.Order, billing.Payment",
        """
        episode BIGINT 诊疗事件代号 | episode | episode, keyed
        procedure INTEGER 主要项目 | main procedure | the dearest line of its quote
        staff INTEGER 开单人 | staff
        status VARCHAR 状态 | status
        day DATE 日期 | day | at
        amount DECIMAL(14,2) 应收 | owed
        deposit DECIMAL(14,2) 应收定金 | deposit
        paid DECIMAL(14,2) 实收净额 | kept | payments
        items INTEGER 项目数 | items | quote lines
        is_counted BOOLEAN 计入成交 | counts as a sale | not cancelled and money kept
        """,
    ),
    fact(
        "payment",
        "收退款",
        "payments",
        ("每笔收退款一行", "one row per payment or refund"),
        "billing.Payment",
        """
        episode BIGINT 诊疗事件代号 | episode | order.episode, keyed
        procedure INTEGER 主要项目 | main procedure | the dearest line of its quote
        staff INTEGER 收银 | cashier
        kind VARCHAR 类别 | kind
        method VARCHAR 方式 | method
        day DATE 日期 | day | at
        amount DECIMAL(14,2) 金额 | amount
        """,
    ),
    fact(
        "surgery",
        "手术",
        "operations",
        ("每台手术一行", "one row per operation"),
        "journey.Surgery, SurgeryMember, ConsentForm, ChecklistPhase, Review, AftercareTask",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 项目 | procedure | plan.procedure
        staff INTEGER 手术医师 | surgeon | SurgeryMember
        anaesthetist INTEGER 麻醉医师 | anaesthetist | SurgeryMember
        room INTEGER 手术间 | room
        anaesthesia VARCHAR 麻醉方式 | anaesthesia | plan.anaesthesia
        status VARCHAR 状态 | status
        day DATE 手术日 | day | starts_at
        start_minute INTEGER 计划开始（当日分钟） | planned start | starts_at
        entered_minute INTEGER 入室（当日分钟） | entered | entered_at
        left_minute INTEGER 离室（当日分钟） | left | left_at
        planned_minutes INTEGER 计划分钟 | minutes planned | ends_at − starts_at
        room_minutes DOUBLE 占室分钟 | minutes in the room | left_at − entered_at
        knife_minutes DOUBLE 手术分钟 | minutes of operation | closure_at − incision_at
        delay_minutes DOUBLE 延误分钟 | minutes late | entered_at − starts_at
        recovery_minutes DOUBLE 恢复分钟 | minutes of recovery | discharged_at − left_at
        blood_loss_ml INTEGER 出血量 | blood loss
        is_done BOOLEAN 已完成 | done | closure_at
        is_cancelled BOOLEAN 已取消 | cancelled | status
        is_consented BOOLEAN 同意书齐全 | consents complete | ConsentForm
        is_checked BOOLEAN 三步核查齐全 | three checks complete | ChecklistPhase
        is_called BOOLEAN 术后 48 小时回访 | called within 48 h | AftercareTask
        is_complicated BOOLEAN 有并发症 | complicated | Review.complication
        is_major BOOLEAN 重大并发症（≥IIIa） | major complication | Review.complication
        is_rated BOOLEAN 已复查 | reviewed | Review
        """,
    ),
    fact(
        "review",
        "复查",
        "reviews",
        ("每次复查一行", "one row per review"),
        "journey.Review",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 项目 | procedure | case.procedure
        staff INTEGER 复查人 | reviewer
        complication VARCHAR 并发症分级 | complication | complication, Clavien-Dindo
        day DATE 日期 | day | at
        goal_reached INTEGER 期望达成 | goal reached
        is_complicated BOOLEAN 有并发症 | complicated | complication
        """,
    ),
    fact(
        "aftercare",
        "术后关怀",
        "aftercare tasks",
        ("每项任务一行", "one row per task"),
        "journey.AftercareTask",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 项目 | procedure | case.procedure
        staff INTEGER 完成人 | staff | done_by
        kind VARCHAR 类别 | kind
        status VARCHAR 状态 | status
        day DATE 应做日 | due on | due_at
        late_day DATE 逾期日 | late from | late_at
        is_done BOOLEAN 已完成 | done | status
        is_in_time BOOLEAN 按时完成 | done in time | done_at ≤ late_at
        has_red_flag BOOLEAN 发现异常 | found a red flag
        """,
    ),
    fact(
        "survey",
        "满意度",
        "surveys",
        ("每份问卷一行", "one row per survey"),
        "journey.Survey",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 项目 | procedure | case.procedure
        surgeon INTEGER 主诊医师 | surgeon | case.surgeon
        day DATE 发出日 | sent on | created_at
        is_answered BOOLEAN 已回答 | answered | answered_at
        score INTEGER 推荐意愿 | likelihood to recommend
        service INTEGER 接待与沟通 | service | dimensions
        doctor INTEGER 医生的说明 | doctor | dimensions
        comfort INTEGER 过程舒适 | comfort | dimensions
        result INTEGER 目前效果 | result | dimensions
        care INTEGER 术后关怀 | aftercare | dimensions
        """,
    ),
    fact(
        "message",
        "消息",
        "messages",
        ("每条消息一行", "one row per message"),
        "outbox.Message",
        """
        template VARCHAR 模板 | template | template.code
        message_class VARCHAR 性质 | class
        channel VARCHAR 通道 | channel
        status VARCHAR 状态 | status
        verdict VARCHAR 决定 | verdict
        day DATE 日期 | day | created_at
        """,
    ),
    fact(
        "waiting",
        "候补",
        "waiting list",
        ("每条候补一行", "one row per wish"),
        "journey.WaitingEntry",
        """
        procedure INTEGER 项目 | procedure
        kind VARCHAR 类别 | kind
        status VARCHAR 状态 | status
        day DATE 登记日 | entered on | created_at
        is_booked BOOLEAN 已约上 | booked | status
        wait_days DOUBLE 候补天数 | days waited | ended_at − created_at
        """,
    ),
    fact(
        "turn_away",
        "未接待",
        "turned away",
        ("每次未接待一行", "one row per request turned away"),
        "journey.TurnAway",
        """
        procedure INTEGER 项目 | procedure
        kind VARCHAR 类别 | kind
        reason VARCHAR 原因 | reason
        day DATE 日期 | day | at
        """,
    ),
    fact(
        "stock_use",
        "注射与用药",
        "products used",
        ("每个注射点一行", "one row per point of a finished map"),
        "journey.TreatmentMap",
        """
        episode BIGINT 诊疗事件代号 | episode | case.public_id, keyed
        procedure INTEGER 项目 | procedure | case.procedure
        staff INTEGER 完成人 | staff | completed_by
        day DATE 就诊日期 | day | on
        product VARCHAR 产品 | product | points.product, served only where at least ten customers had it
        dose_unit VARCHAR 剂量单位 | unit | points.unit
        amount DOUBLE 用量 | amount | points.amount
        has_lot BOOLEAN 有批号 | lot written | points.lot
        """,
    ),
    *LEADS,
)
