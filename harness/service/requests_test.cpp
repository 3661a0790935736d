#include "service/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::service {
namespace {

using testing::ElementsAre;
using testing::Pair;

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
  EXPECT_EQ(sent.path, "/orders/3");
  EXPECT_THAT(sent.headers,
              ElementsAre(Pair("Authorization", "Bearer b"), Pair("cookie", "theme=dark; s=2")));
  EXPECT_EQ(sent.body, R"({"id": 3})");
}

TEST(Requests, AreShownWithTheNamesOfWhatLogInsKept) {
  const std::vector<generator::ClientValue> values{{"token", {"secret"}}};
  EXPECT_EQ(shown_text("/orders/{seq}?t={token}", {.seq = 3}, {values, {}}), "/orders/3?t={token}");
}

TEST(Requests, APlainBodyIsSentAsItIs) {
  scenario::EndpointSpec endpoint = order();
  endpoint.body_is_plain = true;
  EXPECT_EQ(rendered(request_spec("order", endpoint, 1, false), {}, {}).body, endpoint.body);
}

}  // namespace
}  // namespace poolbench::service
