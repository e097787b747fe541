from urllib.parse import quote
from tests.contract.api import Api

async def test_probe(sqlite_api: Api):
    api = sqlite_api
    anna = await api.person("Anna"); bert = await api.person("bert")
    for h in ["anna","@anna","ANNA","Anna@stonechat.test","@anna@STONECHAT.TEST","anna@stonechat.test.","anna@stonechat.test:80","anna@stonechat.test:443","@@anna","@anna@b@c","anna@","@","@@","anna@@stonechat.test","ａnna","anna@ｓtonechat.test","anna@stonechat。test","аnna"," anna ","anna\u200b","anna@stonechat.test@evil.test","anna@evil.test@stonechat.test","anna/","anna%00"]:
        out=[]
        for path in (f"/api/v1/accounts/lookup?acct={quote(h)}", f"/api/v1/accounts/search?q={quote(h)}", f"/api/v2/search?q={quote(h)}", f"/.well-known/webfinger?resource={quote('acct:'+h)}"):
            r=await api.get(path, bert)
            j=r.json
            if r.status==200:
                if isinstance(j,list): out.append([a['acct'] for a in j])
                elif 'accounts' in j: out.append([a['acct'] for a in j['accounts']])
                elif 'acct' in j: out.append(j['acct'])
                else: out.append(j['subject'])
            else: out.append(r.status)
        said=await api.say(bert, f"{h if h.startswith('@') else '@'+h} x")
        out.append([m['acct'] for m in said['mentions']])
        print(repr(h), out)
