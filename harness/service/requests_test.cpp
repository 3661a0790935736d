// What is sent, and what must be answered.
#include "service/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

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

scenario::EndpointSpec order() {
  scenario::EndpointSpec endpoint;
  endpoint.method = "POST";
  endpoint.path = "/orders/{seq}";
  endpoint.headers = {{"Authorization", "Bearer {token}"}, {"cookie", "theme=dark"}};
  endpoint.body = R"({"id": {seq}})";
  return endpoint;
}

TEST(Requests, AreRenderedWithTheValuesOfTheirClient) {
  const std::vector<generator::ClientValue> values{{"token", {"a", "b"}},
                                                   {"login.cookies", {"s=1", "s=2"}}};
  const generator::RequestSpec spec = request_spec("order", order(), 2, true);
  EXPECT_EQ(spec.name, "order");
  EXPECT_EQ(spec.weight, 2);
  const HttpRequest sent = rendered(spec, {.seq = 3, .client = 1}, {values, {}});
  EXPECT_EQ(line_of(sent), "POST /orders/3");
  EXPECT_THAT(sent.headers,
              ElementsAre(Pair("Authorization", "Bearer b"), Pair("cookie", "theme=dark; s=2")));
  EXPECT_EQ(sent.body, R"({"id": 3})");
}

TEST(Requests, APlainBodyIsSentAsItIs) {
  scenario::EndpointSpec endpoint = order();
  endpoint.body_is_plain = true;
  EXPECT_EQ(rendered(request_spec("order", endpoint, 1, false), {}, {}).body, endpoint.body);
}

}  // namespace
}  // namespace poolbench::service
