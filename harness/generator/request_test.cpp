#include "generator/request.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace poolbench::generator {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const RequestSpec& spec, Slots slots = {}, bool closing = false) {
  std::string buffer;
  return std::string(Request(spec, "example:8000").text(slots, closing, buffer));
}

TEST(TextTemplate, FillsItsSlotsAndLeavesOtherBracesAlone) {
  const auto rendered = [](std::string_view text) {
    std::string out = "<";
    TextTemplate(text).render({42, 0xabc}, out);
    return out;
  };
  EXPECT_EQ(rendered("/a?s={seq}&n={nonce}&s={seq}"), "</a?s=42&n=0000000000000abc&s=42");
  EXPECT_EQ(rendered("{seq}"), "<42");
  EXPECT_EQ(rendered("{}{ other }{{seq}}${seq}{seq"), "<{}{ other }{seq}${seq}{seq");
  EXPECT_TRUE(TextTemplate("{{seq}}").is_fixed());
  EXPECT_FALSE(TextTemplate("{nonce}").is_fixed());
  EXPECT_TRUE(TextTemplate().is_empty());
}

TEST(Request, WritesTheHeadersThatARequestNeeds) {
  EXPECT_EQ(text_of({}),
            "GET / HTTP/1.1\r\nHost: example:8000\r\nUser-Agent: poolbench\r\nAccept: */*\r\n\r\n");
}

TEST(Request, AsksForCloseOnlyWhenClosing) {
  EXPECT_THAT(text_of({}), Not(HasSubstr("Connection")));
  EXPECT_THAT(text_of({}, {}, true), HasSubstr("\r\nConnection: close\r\n\r\n"));
}

TEST(Request, LetsTheUserReplaceHeaders) {
  RequestSpec spec;
  spec.headers = {{"host", "other"}, {"X-Trace", "{seq}"}};
  const std::string text = text_of(spec, {7, 0});
  EXPECT_THAT(text, HasSubstr("\r\nhost: other\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("example")));
  EXPECT_THAT(text, HasSubstr("\r\nX-Trace: 7\r\n"));
}

TEST(Request, CountsTheBytesOfTheBodyAsSent) {
  RequestSpec spec;
  spec.method = "POST";
  EXPECT_THAT(text_of(spec), HasSubstr("\r\nContent-Length: 0\r\n\r\n"));
  spec.body = "id={seq}";
  EXPECT_THAT(text_of(spec, {5, 0}), HasSubstr("\r\nContent-Length: 4\r\n\r\nid=5"));
  EXPECT_THAT(text_of(spec, {12345, 0}), HasSubstr("\r\nContent-Length: 8\r\n\r\nid=12345"));
}

TEST(RequestMix, FollowsTheWeightsAndRepeatsForTheSameSeed) {
  Options options;
  options.requests.resize(2);
  options.requests[0].method = "HEAD";
  options.requests[0].weight = 3;
  const RequestMix mix(options, 1);
  const RequestMix same(options, 1);
  int heads = 0;
  constexpr int kDraws = 10'000;
  for (std::uint64_t seq = 0; seq < kDraws; ++seq) {
    heads += mix.pick(seq).is_head() ? 1 : 0;
    ASSERT_EQ(mix.pick(seq).is_head(), same.pick(seq).is_head());
  }
  EXPECT_NEAR(heads, kDraws * 3 / 4, 200);  // 4.6 standard deviations
}

TEST(RequestMix, NeverRepeatsANonce) {
  const RequestMix mix(Options{}, 99);
  std::set<std::uint64_t> nonces;
  for (std::uint64_t seq = 0; seq < 10'000; ++seq) nonces.insert(mix.slots(seq).nonce);
  EXPECT_EQ(nonces.size(), 10'000U);
}

TEST(RequestMix, NamesTheHostWithoutTheUsualPort) {
  const auto first_lines = [](bool tls, base::Endpoint server) {
    Options options;
    options.tls = tls;
    options.server = std::move(server);
    const RequestMix mix(options, 0);
    std::string buffer;
    return std::string(mix.pick(0).text({}, false, buffer));
  };
  EXPECT_THAT(first_lines(false, {"a.example", 80}), HasSubstr("Host: a.example\r\n"));
  EXPECT_THAT(first_lines(true, {"a.example", 443}), HasSubstr("Host: a.example\r\n"));
  EXPECT_THAT(first_lines(true, {"a.example", 80}), HasSubstr("Host: a.example:80\r\n"));
  EXPECT_THAT(first_lines(false, {"::1", 8000}), HasSubstr("Host: [::1]:8000\r\n"));
}

}  // namespace
}  // namespace poolbench::generator
