#include "service/http_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::service {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Answer answer(int status, std::string body) { return {status, std::move(body), {}, {}}; }

TEST(HttpCheck, FillsTheNonceWhereverItStands) {
  EXPECT_EQ(fill_request("/a?x={nonce}&y={nonce}&n={seq}", "7f"), "/a?x=7f&y=7f&n=0");
  EXPECT_EQ(fill_request("/a/{{nonce}}", "7f"), "/a/{nonce}");
}

TEST(HttpCheck, AcceptsWhatTheEndpointMustAnswer) {
  scenario::Expectation expect;
  EXPECT_THAT(mismatch(answer(200, "anything"), expect, "n"), IsEmpty());
  expect.json = base::Json{{"last_id", 3000}};
  EXPECT_THAT(mismatch(answer(200, "{ \"last_id\" : 3000 }"), expect, "n"), IsEmpty());
  expect = {};
  expect.contains = "id={nonce}";
  EXPECT_THAT(mismatch(answer(200, "…id=n…"), expect, "n"), IsEmpty());
  expect = {};
  expect.length = 3;
  EXPECT_THAT(mismatch(answer(200, "abc"), expect, "n"), IsEmpty());
}

TEST(HttpCheck, SaysWhatIsWrongWithAnAnswer) {
  scenario::Expectation expect;
  EXPECT_THAT(mismatch(answer(500, "Server Error"), expect, "n"),
              HasSubstr("status 500 instead of 200, body: Server Error"));
  expect.body = "right";
  EXPECT_THAT(mismatch(answer(200, "wrong"), expect, "n"), HasSubstr("wrong instead of right"));
  expect = {};
  expect.json = base::Json{{"last_id", 3000}};
  EXPECT_THAT(mismatch(answer(200, "{\"last_id\":1"), expect, "n"), HasSubstr("last_id"));
  expect = {};
  expect.contains = "{nonce}";
  EXPECT_THAT(mismatch(answer(200, "of another request"), expect, "n17"), HasSubstr("n17"));
  expect = {};
  expect.length = 4;
  EXPECT_THAT(mismatch(answer(200, "abc"), expect, "n"), HasSubstr("4 bytes"));
  Answer none;
  none.failure = "no answer within 5 s";
  EXPECT_EQ(mismatch(none, {}, "n"), "no answer within 5 s");
}

TEST(HttpCheck, ShortensAHugeBody) {
  EXPECT_LT(mismatch(answer(500, std::string(100000, 'x')), {}, "n").size(), 400U);
}

}  // namespace
}  // namespace poolbench::service
