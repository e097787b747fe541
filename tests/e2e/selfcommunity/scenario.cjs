// The vendor's own client, driven through a community's day against a running server.
//
// One argument, JSON: `portal` (the server), `secret` (for JWTs), `client` (an app's client_id),
// and `admin`, `author`, `reader`, each with `id`, `name` and `password`. One line of JSON comes
// out for each step: `{step, name, ok, error}`; the exit code is 1 when one failed. Steps lean on
// those before them, so look at the first that failed.
//
// Read this before you change a call: the client is one for the whole process, so `as` says who
// speaks from then on; it keeps JSON as the type of every POST, so uploads take the header away
// for their time; `followFeedObject` posts to /undefined/ (a fault of the client's), so
// following goes through its endpoint instead.
"use strict";

const assert = require("node:assert/strict");
const { createHash } = require("node:crypto");
const {
  CategoryService,
  CommentService,
  Endpoints,
  FeatureService,
  FeedObjectService,
  FeedService,
  MediaService,
  ModerationService,
  NotificationService,
  PreferenceService,
  TagService,
  UserService,
  formatHttpErrorCode,
  generateJWTToken,
  http,
} = require("@selfcommunity/api-services");

const given = JSON.parse(process.argv[2]);
const STATUS = "status";
const LIKE = 1;
const OTHER_REACTION = 3;
const OFF_TOPIC = 2;
const PLACE = { location: "Via Roma 1, Milano", lat: 45.46427, lng: 9.18951 };
const HOME_PAGE = "https://example.org/";
const UNKNOWN_ID = 7;
// A PNG of one colour.
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAADAAAAAgAQMAAABuGmlfAAAAA1BMVEXIWhRiSJuBAAAADElEQVR42mNg" +
  "GN4AAADgAAFp/i1dAAAAAElFTkSuQmCC";
const PICTURE_SIZE = [48, 32];
const PATIENCE_MS = 10_000;
const PAUSE_MS = 100;

const tokens = {};
const made = {};

const as = (who) => http.setAuthorizeToken(tokens[who]);
const object = () => FeedObjectService.getSpecificFeedObject(STATUS, made.status);

/** The answer of a call that must be refused. */
async function refused(call, status) {
  try {
    await call;
  } catch (error) {
    assert.ok(error.response, String(error));
    assert.equal(error.response.status, status, JSON.stringify(error.response.data));
    return { codes: formatHttpErrorCode(error), body: error.response.data };
  }
  return assert.fail(`not refused with ${status}`);
}

/** What follows from something comes a moment later: asks until it is so. */
async function soon(look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof assert.AssertionError) || Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** The items of a page. */
function page(answer) {
  assert.deepEqual(Object.keys(answer).sort(), ["count", "next", "previous", "results"]);
  assert.ok(Number.isInteger(answer.count) && answer.count >= answer.results.length);
  return answer.results;
}

async function signIn() {
  const fields = new URLSearchParams({
    grant_type: "password",
    client_id: given.client,
    username: given.author.name,
    password: given.author.password,
  });
  const answer = await http.request({
    url: Endpoints.OAuthToken.url({}),
    method: Endpoints.OAuthToken.method,
    data: fields.toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.data.token_type, "Bearer");
  assert.equal(typeof answer.data.expires_in, "number");
  assert.deepEqual(answer.data.scope.split(" ").sort(), ["read", "write"]);
  assert.ok(answer.data.refresh_token);
  tokens.author = answer.data.access_token;
  // Of the same moment, so that their `jti` is the same: who they are for tells them apart.
  [tokens.admin, tokens.reader] = await Promise.all(
    [given.admin, given.reader].map((who) => generateJWTToken(who.id, given.secret, "1h")),
  );
}

async function lookAtMyself() {
  as("author");
  const me = await UserService.getCurrentUser();
  assert.equal(me.id, given.author.id);
  assert.equal(me.username, given.author.name);
  assert.equal(me.role, null);
  assert.equal(me.permission.create_post, true);
  as("admin");
  assert.equal((await UserService.getCurrentUser()).role, "admin");
}

async function readPreferences() {
  as("nobody");
  const preferences = await PreferenceService.getAllPreferences();
  const features = await FeatureService.getAllFeatures();
  assert.deepEqual([preferences.next, features.next], [null, null]);
  const names = page(preferences).map(({ section, name }) => `${section}.${name}`);
  assert.ok(names.includes("configurations.url_template_status"));
  const enabled = page(features).filter((each) => each.enabled);
  assert.ok(enabled.map((each) => each.name).includes("reaction"));
}

async function makeCategory() {
  as("admin");
  const category = await CategoryService.createCategory({ name: "Old Town", slug: "_GENERATE_" });
  assert.equal(category.slug, "old-town");
  assert.equal(category.followers_counter, 0);
  made.category = category.id;
  as("author");
  await refused(CategoryService.createCategory({ name: "Mine", slug: "mine" }), 403);
}

async function followCategory() {
  for (const who of ["author", "reader"]) {
    as(who);
    assert.equal(await CategoryService.followCategory(made.category), "");
    const answer = await CategoryService.checkCategoryIsFollowed(made.category);
    assert.deepEqual(answer, { is_followed: true });
  }
  const category = await CategoryService.getSpecificCategory(made.category);
  assert.equal(category.followers_counter, 2);
  assert.equal(category.followed, true);
}

async function linkPage() {
  as("author");
  const media = await MediaService.createMedia({ type: "url", url: HOME_PAGE });
  assert.equal(media.type, "url");
  assert.equal(media.url, HOME_PAGE);
  assert.equal(media.embed.embed_type, "sc_link");
  assert.equal(media.embed.metadata.url, HOME_PAGE);
  made.link = media.id;
}

async function uploadPicture() {
  as("author");
  const bytes = Buffer.from(PICTURE, "base64");
  const middle = Math.floor(bytes.length / 2);
  const parts = [[0, middle], [middle, bytes.length]];
  const json = { name: "Content-Type", value: "application/json", methods: ["post"] };
  let upload;
  // Otherwise the client would write the form as JSON, without what is in it.
  http.deleteDefaultHeader(json);
  for (const [start, end] of parts) {
    const form = new FormData();
    form.append("image", new Blob([bytes.subarray(start, end)], { type: "image/png" }), "a.png");
    if (upload) form.append("upload_id", upload);
    const answer = await MediaService.chunkUploadMedia(form, start, end - 1, bytes.length);
    assert.equal(Number(answer.offset), end);
    assert.ok(Date.parse(answer.expires) > Date.now());
    assert.equal(answer.upload_id, upload ?? answer.upload_id);
    upload = answer.upload_id;
  }
  http.setDefaultHeader(json);
  const md5 = createHash("md5").update(bytes).digest("hex");
  const whole = { upload_id: upload, type: "image", md5 };
  const media = await MediaService.chunkUploadMediaComplete(whole);
  assert.equal(media.type, "image");
  assert.deepEqual([media.image_width, media.image_height], PICTURE_SIZE);
  made.picture = media.id;
}

async function postStatus() {
  as("author");
  const status = await FeedObjectService.createFeedObject(STATUS, {
    action: "is baking",
    text: `hello @${given.reader.name}`,
    categories: [made.category],
    medias: [made.link, made.picture],
    location: PLACE,
    addressing: [],
  });
  made.status = status.id;
  assert.equal(status.type, STATUS);
  assert.equal(status.action, "is baking");
  assert.equal(status.summary, `hello @${given.reader.name}`);
  // The interface makes a link of it where a blank stands before the id (4.5).
  const { id, name } = given.reader;
  assert.match(status.html, new RegExp(`<mention( [^>]*)? id="${id}"[^>]*>@${name}</mention>`));
  assert.deepEqual(status.categories.map((each) => each.name), ["Old Town"]);
  assert.deepEqual(status.medias.map((each) => each.id), [made.link, made.picture]);
  assert.deepEqual(status.location, PLACE);
  assert.deepEqual(status.addressing, []);
  assert.equal(status.author.id, given.author.id);
  assert.equal(status.comment_count + status.vote_count + status.share_count, 0);
  assert.equal(status.last_edited_at, null);
  assert.equal(status.last_activity_at, status.added_at);
}

async function postWithoutCategories() {
  as("author");
  const { codes } = await refused(FeedObjectService.createFeedObject(STATUS, { text: "x" }), 400);
  assert.deepEqual(codes, { categoriesError: { error: "required" } });
}

async function exploreUnit(status) {
  const units = page(await FeedService.getExploreFeed({ limit: 10 }));
  return units.find((each) => each.status?.id === status);
}

async function exploreFeed() {
  as("reader");
  const unit = await exploreUnit(made.status);
  assert.equal(unit.type, STATUS);
  assert.equal(unit.seen, false);
  assert.equal(unit.status.summary, `hello @${given.reader.name}`);
}

async function readFeed() {
  as("reader");
  await soon(async () => {
    const units = page(await FeedService.getMainFeed({ limit: 10 }));
    assert.ok(units.some((each) => each.status?.id === made.status));
  });
  const before = await FeedService.getMainFeedUnseenCount();
  assert.equal(before.total, 1);
  assert.deepEqual(before.count_by_category, [{ id: made.category, count: 1 }]);
  assert.equal(await FeedService.markReadASpecificFeedObj([made.status]), "");
  assert.equal((await FeedService.getMainFeedUnseenCount()).total, 0);
  assert.equal((await exploreUnit(made.status)).seen, true);
}

async function vote() {
  as("reader");
  assert.equal(await FeedObjectService.voteFeedObject(STATUS, made.status), "");
  assert.equal((await object()).reaction.id, LIKE);
  assert.equal(await FeedObjectService.voteFeedObject(STATUS, made.status, OTHER_REACTION), "");
  const status = await object();
  assert.equal(status.vote_count, 1);
  assert.equal(status.voted, true);
  assert.equal(status.reaction.id, OTHER_REACTION);
  const counts = status.reactions_count.map((each) => [each.reaction.id, each.count]);
  assert.deepEqual(counts, [[OTHER_REACTION, 1]]);
}

async function listVotes() {
  as("reader");
  const votes = (reaction) => FeedObjectService.feedObjectVotes(STATUS, made.status, { reaction });
  const found = page(await votes(OTHER_REACTION));
  assert.deepEqual(found.map((each) => each.user.id), [given.reader.id]);
  assert.deepEqual(page(await votes(LIKE)), []);
}

async function comment() {
  as("reader");
  const first = await CommentService.createComment({ status: made.status, text: "first" });
  assert.equal(first.type, "comment");
  assert.equal(first.summary, "first");
  assert.equal(first.parent, null);
  assert.equal(first.status.id, made.status);
  assert.equal(typeof first.status.slug, "string");
  made.comment = first.id;
}

async function answer() {
  as("author");
  const where = { status: made.status, parent: made.comment };
  const second = await CommentService.createComment({ ...where, text: "re" });
  assert.equal(second.parent, made.comment);
  as("reader");
  const deeper = { ...where, in_reply_to: second.id, text: "re re" };
  const third = await CommentService.createComment(deeper);
  assert.deepEqual([third.parent, third.in_reply_to], [made.comment, second.id]);
  const first = await CommentService.getASpecificComment(made.comment);
  assert.equal(first.comment_count, 2);
  assert.ok(first.latest_comments.some((each) => each.id === third.id));
}

async function listComments() {
  as("reader");
  const where = { status: made.status, ordering: "-added_at", limit: 1 };
  const top = await CommentService.getAllComments(where);
  assert.deepEqual(page(top).map((each) => each.id), [made.comment]);
  assert.deepEqual([top.count, top.next], [1, null]);
  const nested = await CommentService.getAllComments({ ...where, parent: made.comment });
  assert.deepEqual(page(nested).map((each) => each.summary), ["re re"]);
  assert.equal(nested.count, 2);
  // The interface can only read parameters behind the first one (selfcommunity.md 1.3).
  assert.match(nested.next, /^https?:.*[?&]limit=1&(.*&)?offset=1(&|$)/);
  const status = await object();
  assert.equal(status.comment_count, 3);
  assert.ok(Date.parse(status.last_activity_at) > Date.parse(status.added_at));
}

async function follow() {
  as("reader");
  const before = (await object()).follower_count;
  const endpoint = Endpoints.FollowContribution;
  const url = endpoint.url({ type: STATUS, id: made.status });
  assert.equal((await http.request({ url, method: endpoint.method })).data, "");
  const following = await FeedObjectService.checkIfFollowingFeedObject(STATUS, made.status);
  assert.deepEqual(following, { following: true });
  assert.equal((await object()).follower_count, before + 1);
  const followed = page(await FeedObjectService.feedObjectFollowingList(STATUS));
  assert.deepEqual(followed.map((each) => each.id), [made.status]);
}

async function flag() {
  as("reader");
  // As documented, then as the client sends it by itself: a bare number (selfcommunity.md 5.2).
  // The same again undoes it.
  const turns = [[{ flag_type: OFF_TOPIC }, OFF_TOPIC], [OFF_TOPIC, null], [OFF_TOPIC, OFF_TOPIC]];
  for (const [body, left] of turns) {
    assert.equal(await FeedObjectService.flagFeedObject(STATUS, made.status, body), "");
    const mine = await FeedObjectService.feedObjectFlagStatus(STATUS, made.status);
    assert.equal(mine.flag_type ?? null, left);
  }
}

async function moderate() {
  as("admin");
  const which = { contribution_type: STATUS };
  const flagged = page(await ModerationService.getAllFlaggedContributions(which));
  const entry = flagged.find((each) => each.contribution.id === made.status);
  assert.equal(entry.contribution.flag_count, 1);
  const order = { ...which, action: "hide", moderation_type: OFF_TOPIC };
  for (const hidden of [true, false]) {
    assert.equal(await ModerationService.moderateAContribution(made.status, order), "");
    assert.equal((await object()).collapsed, hidden);
  }
}

async function editOfAnother() {
  as("reader");
  const body = { action: null, text: "mine now", categories: [made.category] };
  const edit = (id) => FeedObjectService.updateFeedObject(STATUS, id, body);
  // The reference's table expects 403 here (selfcommunity.md 5.4, step 20). We answer as for a
  // status that is not there: who may not change it learns nothing about it.
  const { codes, body: told } = await refused(edit(made.status), 404);
  assert.deepEqual(codes, { error: "not_found" });
  assert.deepEqual(told, (await refused(edit(UNKNOWN_ID), 404)).body);
}

async function edit() {
  as("admin");
  const tag = await TagService.createTag({ name: "Neighbours", description: "Who lives here" });
  assert.equal(await TagService.assignATag(tag.id, given.author.id), "");
  as("author");
  const choosable = await UserService.userTagToAddressContribution();
  assert.deepEqual(choosable.map((each) => each.id), [tag.id]);
  const status = await FeedObjectService.updateFeedObject(STATUS, made.status, {
    action: "n",
    text: "edited",
    categories: [made.category],
    addressing: [tag.id],
  });
  assert.ok(Date.parse(status.last_edited_at) >= Date.parse(status.added_at));
  assert.deepEqual([status.action, status.summary], ["n", "edited"]);
  assert.deepEqual([status.medias, status.location ?? null], [[], null]);
  // Ids, as the vendor's document of PUT has it; its interface would rather have tags (3.1).
  assert.deepEqual(status.addressing, [tag.id]);
}

async function readAddressed() {
  as("reader");
  await refused(object(), 404);
  assert.equal(await exploreUnit(made.status), undefined);
  as("author");
  assert.equal((await object()).summary, "edited");
}

async function share() {
  as("author");
  const open = { action: "n", text: "edited", categories: [made.category], addressing: [] };
  await FeedObjectService.updateFeedObject(STATUS, made.status, open);
  as("reader");
  const media = await MediaService.createMedia({ type: "share", shared_object: made.status });
  assert.equal(media.embed.embed_type, "sc_shared_object");
  assert.equal(media.embed.metadata.id, made.status);
  const body = { action: null, text: "look", categories: [made.category], medias: [media.id] };
  const sharing = await FeedObjectService.createFeedObject(STATUS, body);
  assert.equal((await object()).share_count, 1);
  const users = page(await FeedObjectService.feedObjectUserSharesList(STATUS, made.status));
  assert.deepEqual(users.map((each) => each.id), [given.reader.id]);
  const shares = page(await FeedObjectService.feedObjectSharesList(STATUS, made.status));
  assert.deepEqual(shares.map((each) => each.id), [sharing.id]);
}

async function noticeTypes(who, wanted) {
  as(who);
  await soon(async () => {
    // The only list without a count (1.3).
    const { results } = await NotificationService.listUserNotification();
    const types = results.flatMap((group) => group.aggregated.map((each) => each.type));
    for (const each of wanted) assert.ok(types.includes(each), `${each} in ${types}`);
  });
}

async function suspendAndHide() {
  as("reader");
  assert.equal(await FeedObjectService.suspendFeedObject(STATUS, made.status), "");
  const muted = await FeedObjectService.checkIfSuspendedFeedObject(STATUS, made.status);
  assert.deepEqual(muted, { suspended: true });
  assert.equal(await FeedObjectService.hideFeedObject(STATUS, made.status), "");
  const hidden = await FeedObjectService.feedObjectHideStatus(STATUS, made.status);
  assert.deepEqual(hidden, { hidden: true });
  assert.equal(await exploreUnit(made.status), undefined);
  await noticeTypes("author", ["comment", "vote_up", "follow"]);
  await noticeTypes("reader", ["mention"]);
}

async function deleteAndRestore() {
  as("author");
  assert.equal(await FeedObjectService.deleteFeedObject(STATUS, made.status), "");
  as("reader");
  await refused(object(), 404);
  as("author");
  assert.equal(await FeedObjectService.restoreFeedObject(STATUS, made.status), "");
  const found = await FeedObjectService.searchFeedObject(STATUS, { search: "edited" });
  const match = page(found).find((each) => each.id === made.status);
  assert.match(match.matches[0].object.html, /<b>edited<\/b>/);
  as("reader");
  assert.equal((await object()).comment_count, 3);
}

// The 25 steps of selfcommunity.md 5.4.
const STEPS = [
  signIn,
  lookAtMyself,
  readPreferences,
  makeCategory,
  followCategory,
  linkPage,
  uploadPicture,
  postStatus,
  postWithoutCategories,
  exploreFeed,
  readFeed,
  vote,
  listVotes,
  comment,
  answer,
  listComments,
  follow,
  flag,
  moderate,
  editOfAnother,
  edit,
  readAddressed,
  share,
  suspendAndHide,
  deleteAndRestore,
];

function told(error) {
  if (!error.response) return error.stack;
  const { method, url, data } = error.config;
  const { status, data: body } = error.response;
  return `${method} ${url} ${data ?? ""}: ${status} ${JSON.stringify(body)}`;
}

async function main() {
  http.setBasePortal(given.portal);
  let failed = false;
  for (const [index, run] of STEPS.entries()) {
    const line = { step: index + 1, name: run.name, ok: true, error: null };
    try {
      await run();
    } catch (error) {
      Object.assign(line, { ok: false, error: told(error) });
      failed = true;
    }
    console.log(JSON.stringify(line));
  }
  process.exitCode = failed ? 1 : 0;
}

main();
