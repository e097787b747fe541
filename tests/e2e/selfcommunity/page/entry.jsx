// The vendor's interface, mounted as its documentation shows, on one of its own pages.
//
// What to show comes in the address: `portal` (our server), `token`, `view`, and `type` and `id`
// of a contribution where the view shows one. Nothing of the interface is replaced: the console
// of the browser is what the test reads.
import { createRoot } from "react-dom/client";
import { SCContextProvider } from "@selfcommunity/react-core";
import { ExploreFeed, FeedObjectDetail, MainFeed } from "@selfcommunity/react-templates";
import theme from "@selfcommunity/react-theme-default";

const asked = new URLSearchParams(location.search);

const settings = {
  portal: asked.get("portal"),
  locale: { default: "en" },
  theme,
  session: {
    type: "JWT",
    authToken: { accessToken: asked.get("token") },
    handleRefreshToken: () => Promise.reject(new Error("the token was refused")),
  },
  // Without a certificate: a page on http may only open ws.
  notifications: { webSocket: { secure: false } },
};

const views = {
  feed: () => <MainFeed />,
  explore: () => <ExploreFeed />,
  detail: () => (
    <FeedObjectDetail feedObjectId={Number(asked.get("id"))} feedObjectType={asked.get("type")} />
  ),
};

createRoot(document.getElementById("root")).render(
  <SCContextProvider conf={settings}>{views[asked.get("view")]()}</SCContextProvider>,
);
