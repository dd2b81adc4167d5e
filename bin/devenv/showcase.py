"""Demo companies in Persian and Mongolian, and a user for every role and language.

Runs inside `odoo shell` on a database with demo data:

    bin/odoo shell -d NAME < bin/devenv/showcase.py

What it makes is known by an external id (`__showcase__.…`): a second run changes
nothing. It ends by printing one line for each user, fields separated by tabs:

    LOGIN  login  password  role  language  company
"""

from datetime import date, datetime, timedelta

from odoo.fields import Command

NAMESPACE = "__showcase__"
PASSWORD = "chain"

ROLES = {  # role: groups
    "sales": ("crm_security_roles.group_own", "stock.group_stock_user"),
    "all": ("crm_security_roles.group_all", "stock.group_stock_user"),
    "manager": ("crm_security_roles.group_manager", "stock.group_stock_user"),
    "accountant": ("account.group_account_invoice",),
}
USERS = {  # language: {role: name}
    "en": {
        "sales": "Emma Carter",
        "all": "James Whitfield",
        "manager": "Olivia Bennett",
        "accountant": "Daniel Hughes",
    },
    "fa": {
        "sales": "نگار رستمی",
        "all": "پیمان شریفی",
        "manager": "مریم کاظمی",
        "accountant": "حسین مرادی",
    },
    "mn": {
        "sales": "Ганболд Номин",
        "all": "Дорж Тэмүүлэн",
        "manager": "Баатар Сарнай",
        "accountant": "Очир Энхжин",
    },
}
LANGUAGES = {  # language: (code, time zone, domain of the e-mail addresses)
    "en": ("en_US", "America/Los_Angeles", "yourcompany.example.com"),
    "fa": ("fa_IR", "Asia/Tehran", "nikandish.example.com"),
    "mn": ("mn_MN", "Asia/Ulaanbaatar", "khangai.example.com"),
}
FEATURES = (
    "crm.group_use_lead",
    "product.group_product_pricelist",
    "sale.group_discount_per_so_line",
    "sale_management.group_sale_order_template",
)
# Of the demo leads of nobody, and of the opportunities of Marc Demo: which go to whom.
ENGLISH_LEADS = {"sales": slice(0, 4), "all": slice(4, 6)}
ENGLISH_OPPORTUNITIES = {"sales": slice(0, 3), "all": slice(3, 4)}

# Next activities of the opportunities, in turn: days from today, and what to do.
DUE = (-3, 0, 4, None, -1, 9, 2)
KINDS = (
    "mail.mail_activity_data_call",
    "mail.mail_activity_data_email",
    "mail.mail_activity_data_todo",
)
TASKS = {  # language: what to do, in the order of KINDS
    "en": ("Ask about the offer", "Send the drawings", "Work out the price"),
    "fa": ("پیگیری پیش‌فاکتور", "ارسال نقشه‌ها", "برآورد قیمت"),
    "mn": ("Үнийн саналыг тодруулах", "Зураг илгээх", "Үнэ тооцох"),
}

COMPANIES = {
    "fa": {
        "name": "بازرگانی نیک‌اندیش البرز",
        "country": "base.ir",
        "state": False,
        "city": "تهران",
        "street": "خیابان شهید بهشتی، خیابان پاکستان، پلاک ۱۸، طبقه ۳",
        "zip": "1531713411",
        "phone": "+98 21 8850 0110",
        "currency": "base.IRR",
        "dollar": 1_050_000,
        "chart": "generic_coa",
        "vat": "مالیات بر ارزش افزوده ۱۰٪",
        "warehouse": ("انبار مرکزی تهران", "TEH"),
        "team": "تیم فروش تهران",
        "pricelist": "لیست قیمت عمومی",
        "breaks": ((10, 5), (50, 10)),
    },
    "mn": {
        "name": "Хангайн Нэхмэл ХХК",
        "country": "base.mn",
        "state": "base.state_mn_25",
        "city": "Улаанбаатар",
        "street": "8-р хороо, Бага тойруу 14",
        "zip": "14200",
        "phone": "+976 7700 0112",
        "currency": "base.MNT",
        "dollar": 3_560,
        "chart": "mn",
        "vat": False,
        "warehouse": ("Улаанбаатарын агуулах", "UB"),
        "team": "Улаанбаатарын баг",
        "pricelist": "Үндсэн үнийн хүснэгт",
        "breaks": ((50, 5), (200, 10)),
    },
}
PRODUCTS = {  # code, name, sales price, cost, on hand (None: a service)
    "fa": (
        ("MZ-110", "میز مدیریت چوبی ال‌شکل", 420_000_000, 295_000_000, 12),
        ("MK-120", "میز کنفرانس ۱۰ نفره", 560_000_000, 390_000_000, 5),
        ("SD-210", "صندلی کارشناسی ارگونومیک", 98_000_000, 66_000_000, 60),
        ("SD-220", "صندلی کنفرانس", 74_000_000, 51_000_000, 80),
        ("KM-310", "کمد بایگانی فلزی چهار کشو", 86_000_000, 58_000_000, 25),
        ("PR-410", "پانل پارتیشن شیشه‌ای", 65_000_000, 43_000_000, 150),
        ("CH-510", "چاپگر لیزری سیاه‌وسفید", 310_000_000, 262_000_000, 15),
        ("NS-900", "نصب و راه‌اندازی در محل", 25_000_000, 14_000_000, None),
    ),
    "mn": (
        ("NC-101", "Ноолууран цамц, эмэгтэй", 385_000, 240_000, 120),
        ("NC-102", "Ноолууран цамц, эрэгтэй", 420_000, 262_000, 90),
        ("NO-201", "Ноолууран ороолт", 165_000, 98_000, 200),
        ("NB-301", "Ноолууран бээлий", 59_000, 33_000, 300),
        ("TH-401", "Тэмээний ноосон хөнжил", 310_000, 196_000, 60),
        ("SO-501", "Сарлагийн ноосон оймс", 24_000, 13_500, 500),
        ("ES-601", "Эсгий шаахай", 68_000, 41_000, 150),
        ("HA-900", "Лого хатгах үйлчилгээ", 12_000, 5_000, None),
    ),
}
CUSTOMERS = {  # key, name, company of the contact, job or city, phone, e-mail, role
    "fa": (
        ("arya", "شرکت مهندسی سازه‌گستر آریا", None, "تهران",
         "+98 21 8870 2210", "info@sazehgostar.example.com", "sales"),
        ("mehr", "بیمارستان مهرگان شیراز", None, "شیراز",
         "+98 71 3620 4410", "kharid@mehregan.example.com", "sales"),
        ("danesh", "دانشگاه دانش‌پژوهان اصفهان", None, "اصفهان",
         "+98 31 3793 2050", "edari@danesh.example.com", "all"),
        ("zagros", "گروه صنعتی پولاد زاگرس", None, "اراک",
         "+98 86 3413 2700", "office@zagros.example.com", "sales"),
        ("dadyar", "دفتر حقوقی دادیار", None, "تهران",
         "+98 21 8896 1520", "info@dadyar.example.com", "all"),
        ("sabz", "فروشگاه زنجیره‌ای سبزدشت", None, "مشهد",
         "+98 51 3760 8840", "info@sabzdasht.example.com", "manager"),
        ("tavakoli", "علی‌رضا توکلی", "arya", "مدیر خرید",
         "+98 912 100 2201", "tavakoli@sazehgostar.example.com", "sales"),
        ("niknam", "زهرا نیک‌نام", "mehr", "مسئول تدارکات",
         "+98 917 100 4402", "niknam@mehregan.example.com", "sales"),
        ("maleki", "سعید ملکی", "danesh", "معاون اداری",
         "+98 913 100 2003", "maleki@danesh.example.com", "all"),
        ("ghasemi", "سمیه قاسمی", None, "کرج",
         "+98 935 100 7704", "s.ghasemi@example.com", "all"),
    ),
    "mn": (
        ("tal", "Их Тал Дэлгүүр ХХК", None, "Улаанбаатар",
         "+976 7711 2201", "info@ikhtal.example.com", "sales"),
        ("khukh", "Хөх Мөнгөн Зочид Буудал", None, "Улаанбаатар",
         "+976 7711 2202", "reception@khukh.example.com", "sales"),
        ("ayalal", "Алтай Аялал ХХК", None, "Улаанбаатар",
         "+976 7711 2203", "office@ayalal.example.com", "all"),
        ("uurkhai", "Говийн Уурхай ХХК", None, "Даланзадгад",
         "+976 7711 2204", "hangamj@uurkhai.example.com", "sales"),
        ("shonkhor", "Цагаан Шонхор Худалдаа ХХК", None, "Дархан",
         "+976 7711 2205", "info@shonkhor.example.com", "all"),
        ("beleg", "Эрдэнэт Бэлэг Дэлгүүр", None, "Эрдэнэт",
         "+976 7711 2206", "beleg@erdenet.example.com", "manager"),
        ("bolor", "Лхагва Болормаа", "tal", "Худалдан авалтын менежер",
         "+976 9911 2207", "bolormaa@ikhtal.example.com", "sales"),
        ("zorig", "Сүх Ганзориг", "khukh", "Захирал",
         "+976 9911 2208", "ganzorig@khukh.example.com", "sales"),
        ("anu", "Пүрэв Анужин", "uurkhai", "Хангамжийн мэргэжилтэн",
         "+976 9911 2209", "anujin@uurkhai.example.com", "sales"),
        ("zul", "Чулуун Мөнхзул", None, "Улаанбаатар",
         "+976 8811 2210", "munkhzul@example.com", "all"),
    ),
}
LEADS = {  # title, contact, company, phone, e-mail, role (None: nobody)
    "fa": (
        ("استعلام قیمت صندلی اداری برای شعبه کرج", "رضا یزدانی",
         "پخش مواد غذایی گلستانه", "+98 912 100 3301",
         "yazdani@golestaneh.example.com", "sales"),
        ("درخواست کاتالوگ مبلمان اداری", "نازنین فرهادی",
         False, False, "n.farhadi@example.com", "sales"),
        ("تجهیز دفتر جدید (تماس تلفنی)", "کامران جلالی",
         "آژانس مسافرتی پرستوی سفر", "+98 21 4410 3303", False, "all"),
        ("قیمت چاپگر برای دو مدرسه", "محمدامین سلیمانی",
         "مجتمع آموزشی فرزانگان نور", "+98 25 3770 3304",
         "soleimani@farzanegan.example.com", None),
    ),
    "mn": (
        ("Вэбээс ирсэн хүсэлт: ороолт 50 ширхэг", "Наран Уянга",
         "Мөнгөн Ус Кафе", "+976 9911 3301",
         "uyanga@mungunus.example.com", "sales"),
        ("Ажилчдын өвлийн хувцасны үнэ", "Жаргал Тулга",
         "Хүрэл Тулга Барилга ХХК", False, "tulga@khurel.example.com", "sales"),
        ("Каталог авах хүсэлт", "Оюун Сэлэнгэ",
         False, "+976 8811 3303", False, "all"),
        ("Гадаад зочдод өгөх бэлэг", "Бямба Хулан",
         "Тэнүүн Групп", "+976 9911 3304", "khulan@tenuun.example.com", None),
    ),
}
OPPORTUNITIES = {  # title, stage, customer, role, days to close, (code, quantity, %)…
    "fa": (
        ("تجهیز طبقه مدیریت ساختمان مرکزی", "proposition", "tavakoli", "sales", 12,
         (("MZ-110", 4, 0), ("SD-210", 12, 5), ("NS-900", 1, 0))),
        ("صندلی سالن انتظار بیمارستان", "qualified", "niknam", "sales", 25,
         (("SD-220", 60, 0),)),
        ("میز و صندلی اتاق شورای دانشگاه", "new", "maleki", "all", 45,
         (("MK-120", 2, 0), ("SD-220", 20, 0))),
        ("پارتیشن‌بندی سالن اداری کارخانه", "qualified", "zagros", "sales", 30,
         (("PR-410", 85, 0), ("NS-900", 1, 0))),
        ("کمد بایگانی پرونده‌های حقوقی", "proposition", "dadyar", "all", 7,
         (("KM-310", 6, 3),)),
        ("تجهیز صندوق‌های فروشگاه مشهد", "new", "sabz", "manager", 60,
         (("SD-210", 18, 0), ("CH-510", 6, 0))),
        ("خرید چاپگر دفتر مرکزی", "won", "dadyar", "all", -5, (("CH-510", 3, 0),)),
        ("نوسازی مبلمان دفتر کرج", "lost", "ghasemi", "all", -10,
         (("SD-210", 4, 0),)),
    ),
    "mn": (
        ("Өвлийн улирлын нийлүүлэлт", "proposition", "bolor", "sales", 12,
         (("NC-101", 40, 0), ("NC-102", 30, 5))),
        ("Зочид буудлын хөнжил", "qualified", "zorig", "sales", 25,
         (("TH-401", 35, 0),)),
        ("Жуулчдын бэлгийн багц", "new", "ayalal", "all", 45,
         (("SO-501", 120, 0), ("NB-301", 60, 0))),
        ("Уурхайн ажилчдын дулаан хувцас", "qualified", "anu", "sales", 30,
         (("SO-501", 300, 0), ("ES-601", 100, 0), ("HA-900", 100, 0))),
        ("Дархан салбарын анхны захиалга", "proposition", "shonkhor", "all", 7,
         (("NO-201", 80, 3),)),
        ("Цагаан сарын бэлэг", "new", "beleg", "manager", 60, (("NO-201", 45, 0),)),
        ("Оффисын ажилтнуудын цамц", "won", "zul", "all", -5,
         (("NC-102", 12, 0), ("HA-900", 12, 0))),
        ("Шинэ жилийн урамшуулал", "lost", "ayalal", "all", -10,
         (("NB-301", 40, 0),)),
    ),
}
# Nothing is mailed while the data is made.
CONTEXT = {
    "lang": "en_US",
    "no_reset_password": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_create_nosubscribe": True,
    "tracking_disable": True,
}
STAGES = {
    "new": "crm.stage_lead1",
    "qualified": "crm.stage_lead2",
    "proposition": "crm.stage_lead3",
    "won": "crm.stage_lead4",
    "lost": "crm.stage_lead2",
}


def known(env, key):
    return env.ref(f"{NAMESPACE}.{key}", raise_if_not_found=False)


def ensure(env, model, key, **values):
    """The record known as `key`, made now if it is missing."""
    record = known(env, key)
    if not record:
        record = name_it(env, key, env[model].create(values))
    return record


def name_it(env, key, record):
    env["ir.model.data"]._update_xmlids(
        [{"xml_id": f"{NAMESPACE}.{key}", "record": record, "noupdate": True}]
    )
    return record


def in_company(env, company):
    return env(context=dict(env.context, allowed_company_ids=company.ids))


def prepared(env):
    """An environment in which Mongolia's chart of accounts is installed."""
    module = env.ref("base.module_l10n_mn")
    if module.state != "installed":
        module.button_immediate_install()
        env.transaction.reset()
    env = env(context=CONTEXT)
    # It brings an example company of its own: one Mongolian company is enough.
    example = env.ref("base.demo_company_mn", raise_if_not_found=False)
    if example and example.active and not known(env, "company_mn"):
        example.active = False
    return env


def switch_features_on(env):
    for feature in FEATURES:
        env.ref("base.group_user")._apply_group(env.ref(feature))


def make_company(env, lang):
    """The company with its accounts, taxes, rate, warehouse and prices."""
    company = known(env, f"company_{lang}")
    if company:
        return company
    row = COMPANIES[lang]
    company = name_it(env, f"company_{lang}", create_company(env, lang, row))
    env.ref("base.user_admin").company_ids += company
    env = in_company(env, company)
    set_up_accounting(env, lang, company, row)
    name, code = row["warehouse"]
    warehouse = env["stock.warehouse"].create(
        {"name": name, "code": code, "partner_id": company.partner_id.id}
    )
    name_it(env, f"warehouse_{lang}", warehouse)
    make_pricelist(env, lang, company, row)
    return company


def create_company(env, lang, row):
    _code, tz, domain = LANGUAGES[lang]
    partner = env["res.partner"].create(
        {
            "name": row["name"],
            "is_company": True,
            "tz": tz,
            "street": row["street"],
            "city": row["city"],
            "zip": row["zip"],
            "state_id": row["state"] and env.ref(row["state"]).id,
            "country_id": env.ref(row["country"]).id,
            "phone": row["phone"],
            "email": f"info@{domain}",
            "website": f"https://{domain}",
        }
    )
    Company = env["res.company"].with_context(disable_company_pricelist_creation=True)
    values = {
        "name": row["name"],
        "partner_id": partner.id,
        "currency_id": env.ref(row["currency"]).id,
        "external_report_layout_id": env.ref("web.external_layout_standard").id,
    }
    # The company is made up: ask no service on the internet about it.
    if "iap_enrich_auto_done" in Company._fields:
        values["iap_enrich_auto_done"] = True
    return Company.create(values)


def set_up_accounting(env, lang, company, row):
    env["account.chart.template"].try_loading(row["chart"], company)
    # Not before: core would cut the Persian codes of the journals off in mid-word.
    company.partner_id.lang = LANGUAGES[lang][0]
    # A generic chart of accounts makes it a company of the United States.
    company.account_fiscal_country_id = company.country_id
    company.currency_id = env.ref(row["currency"])
    if row["vat"]:
        replace_taxes(env, lang, company, row["vat"])
    env["res.currency.rate"].create(
        {
            "currency_id": env.ref("base.USD").id,
            "company_id": company.id,
            "name": date.today().replace(month=1, day=1),
            "rate": 1 / row["dollar"],
        }
    )


def replace_taxes(env, lang, company, name):
    """10 % instead of the 15 % of a generic chart, for customers at home and abroad."""
    for model in ("account.tax", "account.fiscal.position"):
        env[model].search([("company_id", "=", company.id)]).active = False
    group = env["account.tax.group"].create(
        {"name": name, "company_id": company.id, "country_id": company.country_id.id}
    )
    for use, account in (("sale", "tax_received"), ("purchase", "tax_paid")):
        shares = [
            Command.create({"repartition_type": "base"}),
            Command.create(
                {
                    "repartition_type": "tax",
                    "account_id": env["account.chart.template"].ref(account).id,
                }
            ),
        ]
        company[f"account_{use}_tax_id"] = ensure(
            env,
            "account.tax",
            f"tax_{use}_{lang}",
            name=name,
            amount=10,
            type_tax_use=use,
            tax_group_id=group.id,
            country_id=company.country_id.id,
            invoice_repartition_line_ids=shares,
            refund_repartition_line_ids=shares,
        )


def make_pricelist(env, lang, company, row):
    breaks = [
        Command.create(
            {"min_quantity": quantity, "compute_price": "percentage",
             "percent_price": percent, "applied_on": "3_global"}
        )
        for quantity, percent in row["breaks"]
    ]
    ensure(
        env,
        "product.pricelist",
        f"pricelist_{lang}",
        name=row["pricelist"],
        company_id=company.id,
        currency_id=company.currency_id.id,
        sequence=1,
        item_ids=breaks,
    )


def make_users(env, lang, company):
    code, tz, domain = LANGUAGES[lang]
    for role, name in USERS[lang].items():
        ensure(
            env,
            "res.users",
            f"user_{role}_{lang}",
            name=name,
            login=f"{role}.{lang}",
            password=PASSWORD,
            email=f"{role}@{domain}",
            lang=code,
            tz=tz,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            group_ids=[Command.set([env.ref(group).id for group in ROLES[role]])],
        )


def user(env, role, lang):
    return role and known(env, f"user_{role}_{lang}").id


def make_team(env, lang, company):
    roles = ("sales", "all", "manager")
    ensure(
        env,
        "crm.team",
        f"team_{lang}",
        name=COMPANIES[lang]["team"],
        company_id=company.id,
        user_id=user(env, "manager", lang),
        use_leads=True,
        member_ids=[Command.set([user(env, role, lang) for role in roles])],
    )


def make_products(env, lang, company):
    for code, name, price, cost, on_hand in PRODUCTS[lang]:
        key = f"product_{code}_{lang}"
        if known(env, key):
            continue
        product = ensure(
            env,
            "product.product",
            key,
            name=name,
            default_code=code,
            company_id=company.id,
            list_price=price,
            standard_price=cost,
            type="service" if on_hand is None else "consu",
            is_storable=on_hand is not None,
        )
        if on_hand:
            put_on_stock(env, product, known(env, f"warehouse_{lang}"), on_hand)


def put_on_stock(env, product, warehouse, quantity):
    quant = env["stock.quant"].with_context(inventory_mode=True)
    quant.create(
        {
            "product_id": product.id,
            "location_id": warehouse.lot_stock_id.id,
            "inventory_quantity": quantity,
        }
    ).action_apply_inventory()


def make_customers(env, lang, company):
    for key, name, parent, detail, phone, email, role in CUSTOMERS[lang]:
        place = "function" if parent else "city"
        ensure(
            env,
            "res.partner",
            f"customer_{key}_{lang}",
            name=name,
            is_company=email.split("@")[1] != "example.com" and not parent,
            parent_id=parent and known(env, f"customer_{parent}_{lang}").id,
            company_id=company.id,
            country_id=company.country_id.id,
            lang=LANGUAGES[lang][0],
            phone=phone,
            email=email,
            user_id=user(env, role, lang),
            specific_property_product_pricelist=known(env, f"pricelist_{lang}").id,
            **{place: detail},
        )


def make_leads(env, lang, company):
    for number, row in enumerate(LEADS[lang], 1):
        title, contact, firm, phone, email, role = row
        ensure(
            env,
            "crm.lead",
            f"lead_{number}_{lang}",
            type="lead",
            name=title,
            contact_name=contact,
            partner_name=firm,
            phone=phone,
            email_from=email,
            country_id=company.country_id.id,
            lang_id=env["res.lang"]._get_data(code=LANGUAGES[lang][0]).id,
            company_id=company.id,
            team_id=known(env, f"team_{lang}").id,
            user_id=user(env, role, lang),
        )


def make_opportunities(env, lang, company):
    for number, row in enumerate(OPPORTUNITIES[lang], 1):
        key = f"opportunity_{number}_{lang}"
        if known(env, key):
            continue
        title, stage, customer, role, days, lines = row
        lead = ensure(
            env,
            "crm.lead",
            key,
            type="opportunity",
            name=title,
            stage_id=env.ref(STAGES[stage]).id,
            partner_id=known(env, f"customer_{customer}_{lang}").id,
            company_id=company.id,
            team_id=known(env, f"team_{lang}").id,
            user_id=user(env, role, lang),
            date_deadline=date.today() + timedelta(days=days),
            expected_revenue=sum(
                product_of(env, lang, code).list_price * quantity * (1 - percent / 100)
                for code, quantity, percent in lines
            ),
            **lines_of(env, lang, lines),
        )
        if stage == "lost":
            lead.action_set_lost(lost_reason_id=env.ref("crm.lost_reason_1").id)


def lines_of(env, lang, lines):
    """Products on the opportunity, where the addon that keeps them is installed."""
    if "crm.lead.line" not in env:
        return {}
    return {
        "line_ids": [
            Command.create(
                {
                    "product_id": product_of(env, lang, code).id,
                    "product_uom_qty": quantity,
                    "discount": percent,
                }
            )
            for code, quantity, percent in lines
        ]
    }


def product_of(env, lang, code):
    return known(env, f"product_{code}_{lang}")


def share_demo_leads(env):
    """Put the English users in the sales team, with some of the demo leads."""
    team = env.ref("sales_team.team_sales_department")
    roles = ("sales", "all", "manager")
    team.member_ids = [Command.link(user(env, role, "en")) for role in roles]
    Lead = env["crm.lead"]
    leads = Lead.search([("type", "=", "lead"), ("user_id", "=", False)], order="id")
    marc = ("user_id", "=", env.ref("base.user_demo").id)
    deals = Lead.search([("type", "=", "opportunity"), marc], order="id")
    for role in ENGLISH_LEADS:
        mine = leads[ENGLISH_LEADS[role]] + deals[ENGLISH_OPPORTUNITIES[role]]
        mine.write({"user_id": user(env, role, "en"), "team_id": team.id})


def plan_activities(env, lang):
    """Give open opportunities something to do, and a last touch some days ago."""
    leads = open_opportunities(env, lang).filtered(lambda lead: not lead.activity_ids)
    for number, lead in enumerate(leads):
        due = DUE[number % len(DUE)]
        if due is not None:
            lead.activity_schedule(
                KINDS[number % len(KINDS)],
                summary=TASKS[lang][number % len(KINDS)],
                date_deadline=date.today() + timedelta(days=due),
                user_id=lead.user_id.id or env.uid,
            )
        lead.last_touch_date = datetime.now() - timedelta(days=4 * number % 23)


def tell_history(env, lang):
    """Let opportunities have come to their stage one after another."""
    stages = env["crm.stage"].search([])
    leads = open_opportunities(env, lang) | won_opportunities(env, lang)
    for number, lead in enumerate(leads):
        stay = env["crm.lead.stay"].search([("lead_id", "=", lead.id)])
        if len(stay) != 1:
            continue
        before = stages.filtered(
            lambda stage, own=lead.stage_id: stage.sequence < own.sequence
        )
        end = datetime.now() - timedelta(days=1 + number % 9)
        stay.write({"entered_at": end, "from_stage_id": before[-1:].id})
        for index in reversed(range(len(before))):
            days = 3 + (number + 2 * index) % 11
            start = end - timedelta(days=days)
            following = before[index + 1 :][:1] or lead.stage_id
            stay.copy(
                {
                    "stage_id": before[index].id,
                    "from_stage_id": before[:index][-1:].id,
                    "to_stage_id": following.id,
                    "entered_at": start,
                    "left_at": end,
                    "days": days,
                    "value_out": stay.value_in,
                    "probability_out": lead.probability,
                    "outcome": "won" if following.is_won else "forward",
                }
            )
            end = start


def open_opportunities(env, lang):
    return opportunities(env, lang, ("won_status", "=", "pending"))


def won_opportunities(env, lang):
    return opportunities(env, lang, ("won_status", "=", "won"))


def opportunities(env, lang, status):
    teams = known(env, f"team_{lang}") or env.ref("sales_team.team_sales_department")
    domain = [("type", "=", "opportunity"), ("team_id", "=", teams.id), status]
    return env["crm.lead"].search(domain, order="id")


def build(env):
    switch_features_on(env)
    new = not known(env, "user_sales_en")
    companies = {"en": env.ref("base.main_company")}
    make_users(env, "en", companies["en"])
    if new:
        share_demo_leads(env)
    for lang in COMPANIES:
        company = companies[lang] = make_company(env, lang)
        make_users(env, lang, company)
        local = in_company(env, company)
        for make in (
            make_team, make_products, make_customers, make_leads, make_opportunities
        ):
            make(local, lang, local["res.company"].browse(company.id))
    env.cr.commit()  # so that each has its stay
    if new and "crm.lead.stay" in env:
        for lang in companies:
            plan_activities(env, lang)
            tell_history(env, lang)
    return companies


def logins(companies):
    for lang, company in companies.items():
        for role in USERS[lang]:
            login = f"{role}.{lang}"
            yield (login, PASSWORD, role, LANGUAGES[lang][0], company.name)


COMPANIES_MADE = build(prepared(env))  # noqa: F821 (odoo shell gives env)
env.cr.commit()  # noqa: F821
for row in logins(COMPANIES_MADE):
    print("LOGIN", *row, sep="\t")
