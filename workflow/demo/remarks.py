"""What sample officers and applicants write: reasons, notes and defects, by the action they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

_REASONS: Mapping[str, tuple[str, ...]] = {
    "decline": (
        "所报成果不属于本政策奖励范围。",
        "申报单位注册地不在本区，不符合申报主体要求。",
    ),
    "reject": (
        "经核，标准文本前言未列该单位，无法认定为起草单位。",
        "经核，证书所载单位与申报单位不一致，且未能说明原因。",
        "经核，所报项目未通过标准化主管部门验收。",
    ),
    "withdraw": ("材料准备有误，撤回后另行申报。", "成果权属尚有争议，先行撤回。"),
    "return_to_township": ("营业执照与开户许可单位名称不一致，请初审再核。", "请补充初审意见中的纳税情况。"),
    "return_to_bureau": ("就高比较的依据不够清楚，请审核补充说明后再报。",),
    "return_to_meeting": ("核定金额与会议纪要不一致，退回核实。",),
    "defer": ("本次会议议题较多，缓议，列入下次会议。", "须先请区市场监管局对条款作出解释，缓议。"),
    "object": ("反映该单位在标准起草中的排名与公示不符。", "反映该成果已在其他区领取同类奖励。"),
    "dismiss_objection": ("经查阅标准文本并向起草组核实，排名属实，异议不成立。",),
    "uphold_objection": ("经核实，该成果已在外区享受同类奖励，异议成立。",),
    "cancel_award": ("拨付前查询，单位已注销银行账户并书面放弃奖励。",),
    "record_return": ("开户行名称变更，银行退票。", "收款账号有误，银行退票。"),
    "open_revocation": ("上级通报该证书已被撤销，启动撤销核查。", "接举报，启动撤销核查。"),
    "dismiss": ("经核查，证书有效，举报不实。",),
    "revoke": ("经核查，证书已被发证机构撤销，撤销奖励。",),
    "write_off": ("单位已破产清算完毕，按规定程序核销。",),
    "draw": ("该件超期多日且经催办未见进展，提级办理。",),
    "order_handling": ("限期办结，原经办人说明情况。",),
    "ask_detail": ("请补充该环节的提醒和督办记录。",),
    "give_detail": ("已补充预警提醒记录和经办人书面说明。",),
    "conclude": ("经核查，超期属实，主要原因是经办人未及时交接。",),
    "close_without_action": ("经核查，超期系系统切换期间造成，不予问责。",),
    "report_rectified": ("已完成整改：明确 AB 岗，超期件全部办结。",),
    "appeal": ("该件超期期间经办人因公出差，申请复核。",),
    "uphold_decision": ("复核认为原处理适当，维持。",),
    "overturn_decision": ("复核认为情节轻微，撤销原处理。",),
    "discard": ("所涉环节已办结，不再移送。",),
}
_NOTES: Mapping[str, tuple[str, ...]] = {
    "recommend": ("材料齐全，原件已核，建议通过。", "经实地走访，情况属实，同意上报。"),
    "endorse": ("成果真实有效，符合条款，同意提请联席会议审议。", "已在国家标准信息平台核对，同意。"),
    "approve": ("经联席会议研究同意。",),
    "comment": ("已电话联系申报单位，明日送原件。", "证书已查验，状态有效。", "请注意同年度就高比较。"),
    "hand_over": ("外出培训一周，请代为办理。", "工作分工调整，转请办理。"),
    "resubmit": ("已按通知逐项补正。",),
}  # fmt: skip
_DEFECTS = (
    "申请表未加盖单位公章，请盖章后重新上传。",
    "标准文本只有封面，请补前言中起草单位一页。",
    "完税证明已超过三个月，请重新开具。",
    "开户信息中的户名与营业执照不一致，请说明或更正。",
    "公示文件缺少文号所在页。",
)
DECISIONS = ("对经办人谈话提醒，责令限期整改。", "对经办人批评教育，单位作书面检查。")
OBJECTOR = "示例纺织有限公司（实名，示例）"
FACTS = "该件在本环节已超过规定时限，期间系统已发出蓝、黄、红预警，经办人未说明理由，也未申请延期。"
CLUE = "企业书面反映窗口多次要求重复提交同一材料，附通话记录。（示例）"


def remark(action: str, name: str, chance: Random) -> object | None:
    """What is written into an input of an action; None where nothing is to be said."""
    match name:
        case "reason":
            return chance.choice(_REASONS[action])
        case "note":
            return chance.choice(_NOTES[action]) if action in _NOTES else None
        case "defects":
            return chance.sample(_DEFECTS, chance.randint(1, 3))
        case "objector":
            return OBJECTOR
        case "decision":
            return chance.choice(DECISIONS)
    return None
