#include "service/mismatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::service {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Answer answer(int status, std::string body) { return {.status = status, .body = std::move(body)}; }

constexpr generator::Slots kSlots{.seq = 3, .nonce = 0x17};

std::string mismatch(const Answer& got, const scenario::Expectation& expect) {
  return service::mismatch(got, {expect, kSlots, {}});
}

TEST(Mismatch, AcceptsWhatTheEndpointMustAnswer) {
  scenario::Expectation expect;
  EXPECT_THAT(mismatch(answer(200, "anything"), expect), IsEmpty());
  expect.json = base::Json{{"last_id", 3000}};
  EXPECT_THAT(mismatch(answer(200, "{ \"last_id\" : 3000 }"), expect), IsEmpty());
  expect = {};
  expect.contains = "id={nonce}";
  EXPECT_THAT(mismatch(answer(200, "…id=0000000000000017…"), expect), IsEmpty());
  expect = {};
  expect.length = 3;
  EXPECT_THAT(mismatch(answer(200, "abc"), expect), IsEmpty());
}

TEST(Mismatch, SaysWhatIsWrongWithAnAnswer) {
  scenario::Expectation expect;
  EXPECT_THAT(mismatch(answer(500, "Server Error"), expect),
              HasSubstr("status 500 instead of 200, body: Server Error"));
  expect.body = "right";
  EXPECT_THAT(mismatch(answer(200, "wrong"), expect), HasSubstr("wrong instead of right"));
  expect = {};
  expect.json = base::Json{{"last_id", 3000}};
  EXPECT_THAT(mismatch(answer(200, "{\"last_id\":1"), expect), HasSubstr("last_id"));
  expect = {};
  expect.contains = "{nonce}";
  EXPECT_THAT(mismatch(answer(200, "of another request"), expect), HasSubstr("0000000000000017"));
  expect = {};
  expect.length = 4;
  EXPECT_THAT(mismatch(answer(200, "abc"), expect), HasSubstr("4 bytes"));
  Answer none;
  none.failure = "no answer within 5 s";
  EXPECT_EQ(mismatch(none, {}), "no answer within 5 s");
}

TEST(Mismatch, ShortensAHugeBody) {
  EXPECT_LT(mismatch(answer(500, std::string(100000, 'x')), {}).size(), 400U);
}

TEST(Mismatch, AnyOfTheStatusesIsRight) {
  scenario::Expectation expect;
  expect.statuses = {201, 409};
  EXPECT_THAT(mismatch(answer(409, ""), expect), IsEmpty());
  EXPECT_THAT(mismatch(answer(200, ""), expect), HasSubstr("status 200 instead of 201 or 409"));
}

TEST(Mismatch, HeadersHaveTheirValuesAsSent) {
  scenario::Expectation expect;
  expect.headers = {{"Location", "/orders/{seq}"}};
  Answer good = answer(200, "");
  good.headers = {{"location", "/"}, {"location", "/orders/3"}};
  EXPECT_THAT(mismatch(good, expect), IsEmpty());
  good.headers.pop_back();
  EXPECT_EQ(mismatch(good, expect), "the header Location is / instead of /orders/3");
  EXPECT_EQ(mismatch(answer(200, ""), expect), "the answer has no header Location");
}

Answer json_answer(int status) {
  Answer got = answer(status, R"({"access": "hidden", "id": 7})");
  got.headers = {{"content-type", "application/json"}, {"Location", "/hidden"}};
  return got;
}

TEST(Mismatch, OfALogInTellsWhatThereIsAndNotWhatItHolds) {
  const std::vector<generator::ClientValue> values{{"csrf", {"hidden"}}};
  const auto secret = [&](const Answer& got, const scenario::Expectation& expect) {
    return service::mismatch(got, {expect, kSlots, {values, {}}, true});
  };
  scenario::Expectation expect;
  EXPECT_EQ(secret(json_answer(401), expect),
            "status 401 instead of 200; its JSON has access, id (29 bytes of application/json)");
  EXPECT_EQ(secret(answer(403, "hidden"), expect),
            "status 403 instead of 200; its body has 6 bytes");
  expect.contains = "welcome, {csrf}";
  EXPECT_EQ(secret(json_answer(200), expect),
            "the body is not one that contains welcome, {csrf}; its JSON has access, id (29 bytes "
            "of application/json)");
  expect.headers = {{"Location", "/{csrf}/next"}};
  EXPECT_EQ(secret(json_answer(200), expect), "the header Location is not /{csrf}/next");
}

TEST(Mismatch, ShowsTheNamesOfWhatLogInsKept) {
  const std::vector<generator::ClientValue> values{{"token", {"hidden"}}};
  scenario::Expectation expect;
  expect.contains = "for {token}";
  EXPECT_EQ(service::mismatch(answer(200, "none"), {expect, kSlots, {values, {}}}),
            "the body is none instead of one that contains for {token}");
}

}  // namespace
}  // namespace poolbench::service
