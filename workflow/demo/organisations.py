"""The organisations of the demo: three that won a published award, and forty invented ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.demo.names import sample_bank_number, sample_credit_code
from workflow.demo.people import Accounts
from workflow.people.actors import Actor
from workflow.people.memberships import APPLICANT, add_membership
from workflow.people.organisations import OrganisationParticulars, add_account, register_organisation
from workflow.people.trail import Signature
from workflow.storage.people import Unit

BANK = "中国示例银行长乐支行（示例）"
SONGXIA, JINFENG = "350112104", "350112111"


class Sample(NamedTuple):
    """An organisation to be registered, with the account name of who acts for it."""

    account: str
    name: str
    township: str
    kind: str = "enterprise"


# On the published lists of winners of the Fuzhou quality award. Nothing is played about them: whoever tries
# the demo applies for them herself. Code, address, contact and account are samples, and the township of the
# second is one too.
LAUREATES = (
    Sample("donglong", "福建东龙针纺有限公司", SONGXIA),
    Sample("jinjiang", "福建锦江科技有限公司", JINFENG),
    Sample("gongdian", "国网福建省电力有限公司福州市长乐区供电有限公司", "350112001"),
)
INVENTED = (
    Sample("songxia-gangwu", "福州松下示例港务有限公司", SONGXIA),
    Sample("songxia-liangyou", "福建松下样本粮油工业有限公司", SONGXIA),
    Sample("songxia-boli", "福州松下示例玻璃制品有限公司", SONGXIA),
    Sample("songxia-zhenfang", "福建松下样本针纺有限公司", SONGXIA),
    Sample("songxia-siliao", "福州松下示例饲料有限公司", SONGXIA),
    Sample("songxia-xiehui", "长乐松下示例港口物流协会", SONGXIA, "association"),
    Sample("jinfeng-jinlun", "福建金峰示例锦纶有限公司", JINFENG),
    Sample("jinfeng-jingbian", "福州金峰样本经编有限公司", JINFENG),
    Sample("jinfeng-huabian", "福建金峰示例花边织造有限公司", JINFENG),
    Sample("jinfeng-ranzheng", "福州金峰样本染整有限公司", JINFENG),
    Sample("jinfeng-jixie", "福建金峰示例纺织机械有限公司", JINFENG),
    Sample("jinfeng-fangzhi", "长乐金峰示例纺织商会", JINFENG, "association"),
    Sample("jinfeng-jiance", "福州金峰样本纺织检测有限公司", JINFENG, "laboratory"),
    Sample("wuhang-ruanjian", "福州吴航示例软件有限公司", "350112001"),
    Sample("wuhang-jiaoyan", "长乐吴航样本标准化研究所", "350112001", "institution"),
    Sample("hangcheng-gangtie", "福建航城示例钢铁有限公司", "350112002"),
    Sample("hangcheng-jianzhu", "福州航城样本建筑材料有限公司", "350112002"),
    Sample("hangcheng-jiance", "福建航城示例检测技术有限公司", "350112002", "laboratory"),
    Sample("yingqian-fangzhi", "福建营前示例纺织有限公司", "350112003"),
    Sample("yingqian-zhaoming", "福州营前样本照明有限公司", "350112003"),
    Sample("zhanggang-xiezi", "福建漳港示例鞋材有限公司", "350112004"),
    Sample("zhanggang-haibang", "长乐漳港样本海蚌养殖专业合作社", "350112004", "cooperative"),
    Sample("wenwusha-xinxi", "福州文武砂示例数字信息有限公司", "350112005"),
    Sample("wenwusha-yiqi", "福建文武砂样本仪器仪表有限公司", "350112005"),
    Sample("shouzhan-wuliu", "福州首占示例物流有限公司", "350112102"),
    Sample("shouzhan-jidian", "福建首占样本机电有限公司", "350112102"),
    Sample("yutian-huaxian", "福建玉田示例化纤有限公司", "350112103"),
    Sample("yutian-chaye", "福州玉田样本茶业有限公司", "350112103"),
    Sample("jiangtian-juanfang", "福建江田示例卷纺有限公司", "350112105"),
    Sample("jiangtian-zhiye", "福州江田样本纸业有限公司", "350112105"),
    Sample("guhuai-zhusu", "福建古槐示例注塑有限公司", "350112106"),
    Sample("guhuai-nongye", "长乐古槐样本龙眼专业合作社", "350112106", "cooperative"),
    Sample("heshang-fangzhi", "福建鹤上示例纺织科技有限公司", "350112108"),
    Sample("heshang-jiaju", "福州鹤上样本家居有限公司", "350112108"),
    Sample("hunan-huaxian", "福建湖南镇示例高新化纤有限公司", "350112110"),
    Sample("hunan-shusong", "福州湖南镇样本输送设备有限公司", "350112110"),
    Sample("wenling-nongye", "长乐文岭示例番薯协会", "350112112", "association"),
    Sample("wenling-zhizao", "福建文岭样本精密制造有限公司", "350112112"),
    Sample("meihua-shuichan", "福州梅花示例水产食品有限公司", "350112113"),
    Sample("meihua-xiehui", "长乐梅花样本鱼丸行业协会", "350112113", "association"),
    Sample("tantou-fangzhi", "福建潭头示例氨纶有限公司", "350112114"),
    Sample("luolian-jiaju", "福州罗联样本竹木有限公司", "350112200"),
    Sample("houyu-lvyou", "长乐猴屿示例光饼食品有限公司", "350112201"),
)


def register_samples(session: Session, accounts: Accounts, since: date) -> Mapping[str, int]:
    """Register all with who acts for each and a bank account nobody has confirmed; ids by account."""
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    ids = {}
    for number, sample in enumerate((*LAUREATES, *INVENTED), start=1):
        person = accounts.add(sample.account)
        assert person.phone is not None
        township = units[sample.township]
        typed = OrganisationParticulars(
            credit_code=sample_credit_code(number, sample.kind),
            name=sample.name,
            kind=sample.kind,
            township_id=township.id,
            address=f"福州市长乐区{township.name}示例路 {number} 号（示例）",
            contact_name=person.name,
            contact_phone=person.phone,
        )
        organisation = register_organisation(session, typed, since, is_sample=True)
        add_membership(
            session,
            person.id,
            APPLICANT,
            since,
            organisation_id=organisation.id,
            by=accounts.signature,
        )
        add_account(
            session,
            organisation.id,
            holder=sample.name,
            bank=BANK,
            number=sample_bank_number(number),
            by=Signature(Actor(person.id, person.name), accounts.signature.at),
        )
        ids[sample.account] = organisation.id
    return ids
