"""What a reason code means, in Chinese. Codes are stored in polls; the sentences are shown to people.

A sentence tells the operator what happened and, where something can be done about it, what.
"""

from __future__ import annotations

REASONS: dict[str, str] = {
    # Nothing to parse: gzcrawl.sources.outcomes
    "too_large": "网页超过大小上限，未解析",
    "not_modified": "自上次检查以来没有变化（HTTP 304）",
    "http_404": "网页不存在（HTTP 404）；也可能是本机地址被防护系统封禁，请人工打开核对",
    "http_410": "网页已被删除（HTTP 410）",
    "http_refused": "服务器拒绝了访问，未能检查",
    "http_error": "服务器出错，未能检查",
    "http_redirect": "网页转向了无法跟随的地址，未能检查",
    "no_content": "服务器没有返回内容",
    "robots": "robots.txt 不允许访问；如确需检查，请在配置中为该来源关闭此限制",
    "address_refused": "地址不是公网网址，已拒绝访问；请核对台账中的网址",
    "dns": "域名无法解析",
    "tls": "HTTPS 连接失败（证书或加密协议有问题）",
    "timeout": "连接或响应超时",
    "proxy": "代理服务器无法连接",
    "connection_refused": "服务器拒绝连接",
    "connection_lost": "连接中断",
    "bad_url": "网址无法识别；请核对台账中的网址",
    # Walls: gzcrawl.sources.walls
    "waf": "被网站防火墙拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_jsl": "被“加速乐”防护拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_ruishu": "被“瑞数”动态防护拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_chuangyu": "被“创宇盾”拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_safedog": "被“安全狗”拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_yunsuo": "被“云锁”拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_d_shield": "被“D盾”拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_360": "被 360 网站防护拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_baidu": "被百度云加速拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_aliyun": "被阿里云防火墙拦截，未能检查；请向网站申请把本机地址列入白名单",
    "waf_cloudflare": "被 Cloudflare 验证拦截，未能检查",
    "captcha": "网站要求人机验证，未能检查",
    "too_fast": "网站提示访问过于频繁，未能检查；稍后会自动重试",
    "banned": "本机地址被网站封禁，未能检查；请联系网站管理员",
    # Weibo
    "weibo_visitor": "微博要求访客验证（Sina Visitor System），未能检查",
    "weibo_login": "微博要求登录，未能检查",
    "weibo_risk_control": "微博风险控制拦截了访问，未能检查",
    "weibo_too_fast": "微博提示操作过于频繁，未能检查；稍后会自动重试",
    "weibo_captcha": "微博要求输入验证码，未能检查",
    "weibo_html_instead_of_json": "微博接口返回了网页而不是数据，未能检查",
    "weibo_maybe_throttled": "微博返回空列表，可能是访问过快所致，不能据此认定没有发布",
    "weibo_bad_json": "微博返回的数据残缺，无法解析",
    "weibo_empty_body": "微博返回了空白内容",
    "weibo_no_cards": "微博返回的数据里没有博文列表，格式可能已变化",
    "weibo_no_list": "微博返回的数据里没有博文列表，格式可能已变化",
    "weibo_no_posts": "微博列表里没有可识别的博文，格式可能已变化",
    "weibo_post_unreadable": "部分微博缺少编号或时间，格式可能已变化",
    "weibo_no_user": "微博返回的数据里没有账号资料，格式可能已变化",
    "weibo_no_long_text": "没有取到微博长文的全文",
    "weibo_user_not_found": "微博账号不存在",
    "weibo_account_closed": "微博账号已关闭或被封禁",
    "weibo_post_gone": "微博已被删除或不可见",
    # Sogou
    "sogou_antispider": "搜狗要求输入验证码，未能检查",
    "sogou_no_results": "搜狗没有收录结果，不能据此认定没有发布",
    "sogou_no_account_cards": "搜狗账号列表无法识别，格式可能已变化",
    "sogou_no_article_cards": "搜狗文章列表无法识别，格式可能已变化",
    "sogou_card_unreadable": "搜狗列表缺少标题、账号或时间，格式可能已变化",
    "not_in_index": "搜狗没有收录该账号，不能据此认定没有发布",
    # WeChat
    "wechat_captcha": "微信要求验证（环境异常），未能检查",
    "wechat_client_only": "该网页只能在微信客户端打开，未能检查",
    "wechat_system_error": "微信系统繁忙，未能检查",
    "wechat_no_article": "网页不是可识别的微信文章，格式可能已变化",
    "wechat_fields_missing": "微信文章缺少标题、账号或时间，格式可能已变化",
    "wechat_bad_json": "微信返回的数据残缺，无法解析",
    "wechat_no_album": "微信合集数据无法识别，格式可能已变化",
    "wechat_album_end": "微信合集已到末尾",
    "wechat_album_refused": "微信拒绝了合集请求，未能检查",
    "wechat_deleted": "文章已被发布者删除",
    "wechat_violation": "文章因违规无法查看",
    "wechat_infringement": "文章因侵权投诉无法查看",
    "wechat_rumor": "文章被判定为不实信息",
    "wechat_unavailable": "文章暂时无法查看",
    "wechat_send_failed": "文章发送失败，无法查看",
    "wechat_link_expired": "文章的临时链接已过期",
    "wechat_account_moved": "公众号已迁移",
    "wechat_account_cancelled": "公众号已自主注销",
    "wechat_account_banned": "公众号已被屏蔽",
    # Government websites
    "empty_body": "网页内容为空",
    "page_not_found": "网页显示内容不存在或已删除",
    "redirect_page": "网页用脚本转向别的地址，未能检查；请在台账中改用转向后的网址",
    "not_a_page": "网页没有可读的内容，未能检查",
    "not_an_article": "网页里找不到标题和正文，格式可能已变化",
    "no_publication_time": "网页上找不到发布时间，格式可能已变化",
    "list_not_readable": "列表页里找不到文章，格式可能已变化",
    "list_filled_by_script": "列表由网页脚本填充，静态页面里没有内容；需用浏览器渲染或直接请求其数据接口",
    "list_undated": "列表里的文章都没有日期",
    "list_empty": "列表为空",
    "bad_data": "列表的数据接口返回的内容残缺，无法解析",
    # Spiders
    "parser_error": "解析时出错，未能检查；请用 gzcrawl capture 保存网页并报告",
    "images_unread": "网页上有图片无法读取，不能认定没有二维码",
    "script_rendered": "网页由脚本生成内容，静态检查不能认定没有二维码",
    "later_page_refused": "后面的页被拒绝，已看到的页有效",
    "rendered": "已用浏览器看完整个网页",
    "rendered_partly": "已用浏览器查看，但有的部分未能看到",
    "static_settled": "静态检查已读完网页上的全部图片",
}
"""Reason code → sentence."""


def reason_text(code: str) -> str:
    """The sentence for a reason code; the code itself where none is known (an old record), "" for ""."""
    return REASONS.get(code, code)
