#include "generator/request.h"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <sstream>

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

TEST(TextTemplate, CountsWithinARangeAndBeginsAgain) {
  const TextTemplate text("/{seq:5..7}");
  std::string out;
  for (std::uint64_t seq = 0; seq < 4; ++seq) text.render({.seq = seq}, out);
  EXPECT_EQ(out, "/5/6/7/5");
}

TEST(TextTemplate, DrawsEveryNumberOfARangeAboutEquallyOften) {
  const TextTemplate text("{random:3..7}");
  std::map<std::string, int> times;
  for (std::uint64_t draw = 0; draw < 10'000; ++draw) {
    std::string out;
    text.render({.draw = scramble(draw)}, out);
    ++times[out];
  }
  ASSERT_EQ(times.size(), 5U);
  for (const auto& [number, count] : times) {
    EXPECT_NEAR(count, 2000, 200) << number;
    EXPECT_TRUE(number >= "3" && number <= "7") << number;
  }
}

TEST(TextTemplate, TheSamePlaceholderIsTheSameTextWithinARequestAndOthersAreIndependent) {
  const std::vector<LineFile> files{{"ids.txt", {"a", "b", "c", "d", "e", "f", "g"}}};
  const TextTemplate text(
      "{random:1..99} {random:1..99} {random:0..99} {pick:ids.txt}{pick:ids.txt}", {{}, files});
  int equal = 0;
  for (std::uint64_t draw = 0; draw < 1000; ++draw) {
    std::string out, first, second, other, picked;
    text.render({.draw = scramble(draw)}, out);
    std::istringstream(out) >> first >> second >> other >> picked;
    ASSERT_EQ(first, second);
    ASSERT_EQ(picked.substr(0, 1), picked.substr(1));
    equal += first == other ? 1 : 0;
  }
  EXPECT_LT(equal, 40);
}

TEST(TextTemplate, TakesTheValueOfItsClient) {
  const std::vector<ClientValue> values{{"token", {"x", "y"}}, {"csrf", {"same"}}};
  const TextTemplate text("{token}/{csrf} ", {values, {}});
  std::string out;
  for (std::uint64_t client = 0; client < 3; ++client) text.render({.client = client}, out);
  EXPECT_EQ(out, "x/same y/same x/same ");
}

TEST(TextTemplate, TheLargestRangeIsEveryNumber) {
  std::string out;
  TextTemplate("{random:0..18446744073709551615}").render({.draw = 7}, out);
  EXPECT_GT(out.size(), 10U);
}

TEST(Request, SendsAPlainBodyAsItIs) {
  RequestSpec spec;
  spec.method = "POST";
  spec.body = "{seq}{random:1..2}";
  spec.body_is_plain = true;
  EXPECT_THAT(text_of(spec, {5, 0}), HasSubstr("\r\nContent-Length: 18\r\n\r\n{seq}{random:1..2}"));
}

TEST(Request, NamesItselfAsSent) {
  RequestSpec spec;
  spec.target = "/city/{seq}";
  EXPECT_EQ(Request(spec, "host").line({.seq = 17}), "GET /city/17");
}

TEST(RequestMix, NoncesMayBeNewAlthoughTheDrawsAreTheSame) {
  const Options options;
  const RequestMix one(options, 1, 2), other(options, 1, 3);
  EXPECT_EQ(one.slots(5, 0).draw, other.slots(5, 0).draw);
  EXPECT_NE(one.slots(5, 0).nonce, other.slots(5, 0).nonce);
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
  const RequestMix mix(options, 1, 1);
  const RequestMix same(options, 1, 1);
  int heads = 0;
  constexpr int kDraws = 10'000;
  for (std::uint64_t seq = 0; seq < kDraws; ++seq) {
    heads += mix[mix.pick(seq)].is_head() ? 1 : 0;
    ASSERT_EQ(mix.pick(seq), same.pick(seq));
  }
  EXPECT_NEAR(heads, kDraws * 3 / 4, 200);  // 4.6 standard deviations
}

TEST(RequestMix, NeverRepeatsANonce) {
  const Options options;
  const RequestMix mix(options, 99, 99);
  std::set<std::uint64_t> nonces;
  for (std::uint64_t seq = 0; seq < 10'000; ++seq) nonces.insert(mix.slots(seq, 0).nonce);
  EXPECT_EQ(nonces.size(), 10'000U);
}

TEST(RequestMix, NamesTheHostWithoutTheUsualPort) {
  const auto first_lines = [](bool tls, base::Endpoint server) {
    Options options;
    options.tls = tls;
    options.server = std::move(server);
    const RequestMix mix(options, 0, 0);
    std::string buffer;
    return std::string(mix[0].text({}, false, buffer));
  };
  EXPECT_THAT(first_lines(false, {"a.example", 80}), HasSubstr("Host: a.example\r\n"));
  EXPECT_THAT(first_lines(true, {"a.example", 443}), HasSubstr("Host: a.example\r\n"));
  EXPECT_THAT(first_lines(true, {"a.example", 80}), HasSubstr("Host: a.example:80\r\n"));
  EXPECT_THAT(first_lines(false, {"::1", 8000}), HasSubstr("Host: [::1]:8000\r\n"));
}

}  // namespace
}  // namespace poolbench::generator
