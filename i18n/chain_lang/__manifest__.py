{
    "name": "Persian and Mongolian Locale Data",
    "summary": "Week start, separators, dates, rial and tögrög as used there",
    "version": "19.0.1.0.0",
    "author": "Sale Chain contributors",
    "license": "LGPL-3",
    "category": "Localization",
    "depends": ["base"],
    "data": [
        "data/res_currency_data.xml",
        "data/res_lang_data.xml",
    ],
    "post_init_hook": "post_init_hook",
}
