#include "generator/options.h"

#include <gmock/gmock.h>

#include "base/raii.h"
#include "generator/measuring_fixture.h"

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Options in which nothing is as it is by default.
Options unusual() {
  Options options;
  options.server = {"::1", 65535};
  options.unix_socket = "/run/web.sock";
  options.tls = true;
  options.tls_verify = false;
  options.tls_ca_file = "/ca.pem";
  RequestSpec order;
  order.method = "POST";
  order.target = "/order/{nonce}";
  order.headers = {{"Content-Type", "application/json"}, {"X-Bytes", "\xe9"}, {"Empty", ""}};
  order.body = std::string("\0\xff{seq}", 7);
  order.name = "order";
  order.body_is_plain = true;
  order.expect = {{201, 409}, {{"Location", "/x"}}, 12, std::string("\x80\0", 2), "é{nonce}"};
  order.weight = 0.1;
  options.requests = {RequestSpec{}, order};
  options.client_values = {{"token", {"a", "b\xff"}}};
  options.line_files = {{"ids.txt", {"1", "2"}}};
  options.connections = 3;
  options.threads = 2;
  options.requests_per_connection = 4;
  options.connect_ramp = 1ms;
  options.warmup = 2s;
  options.measure = 1h + 1ns;
  options.request_count = 18'000'000'000'000'000'000U;
  options.timeout = 5us;
  options.drain = false;
  options.rate_hz = 1.0 / 3;
  options.arrivals = Arrivals::kPoisson;
  options.queue_limit = 6;
  options.turn = Turn{base::SteadyTime(7ns), 100ms, 1, 2};
  options.seed = ~std::uint64_t{0};
  options.repeats_nonces = false;
  return options;
}

std::string round_trip(const Options& options) {
  const auto read = options_from_json(to_json(options).dump());
  return read ? to_json(*read).dump() : read.error().message;
}

TEST(OptionsJson, CarriesEveryMember) {
  const base::Json json = to_json(unusual());
  EXPECT_EQ(round_trip(unusual()), json.dump());
  const base::Json usual = to_json(Options{});
  for (const auto& [name, value] : json.items()) EXPECT_NE(value, usual.at(name)) << name;
}

TEST(OptionsJson, CarriesAnyBytes) {
  const auto read = options_from_json(to_json(unusual()).dump());
  ASSERT_TRUE(read);
  const RequestSpec sent = unusual().requests[1], got = read->requests.at(1);
  EXPECT_EQ(got.headers, sent.headers);
  EXPECT_EQ(got.body, sent.body);
  EXPECT_EQ(got.expect.body, sent.expect.body);
  EXPECT_EQ(got.expect.contains, "é{nonce}");
  EXPECT_EQ(got.expect.statuses, sent.expect.statuses);
}

TEST(OptionsJson, WhatIsAbsentIsAsEver) {
  const auto read = options_from_json(R"({"server": {"port": 8000}, "turn": null})");
  ASSERT_TRUE(read) << read.error().message;
  Options expected;
  expected.server.port = 8000;
  EXPECT_EQ(to_json(*read), to_json(expected));
}

TEST(OptionsJson, NamesTheMemberThatIsWrong) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"", "the job is not JSON"},
      {"[]", "the document should be an object"},
      {R"({"connections": "7"})", "connections should be an integer, but is of type string"},
      {R"({"conections": 7})", "conections is unknown"},
      {R"({"server": {"port": 65536}})", "server.port is no port"},
      {R"({"server": {"port": -1}})", "server.port is no port"},
      {R"({"arrivals": "soon"})", "arrivals should be constant or poisson"},
      {R"({"requests": [{}, {"expect": {"statuses": [true]}}]})",
       "requests[1].expect.statuses[0] should be"},
      {R"({"requests": [{"body": {"base64": "?"}}]})", "requests[0].body.base64 is not base64"},
      {R"({"requests": [{"headers": [["a"]]}]})", "requests[0].headers[0] should be a name and a"},
      {R"({"turn": {"slice_ns": 1.5}})", "turn.slice_ns should be an integer"}};
  for (const auto& [text, words] : mistakes) {
    const auto read = options_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, base::ErrorCode::kBadInput);
    EXPECT_THAT(read.error().message, HasSubstr(words));
  }
}

TEST(Options, ATurnMustBeOneOfThoseThereAre) {
  Options options;
  options.turn = Turn{{}, 100ms, 1, 2};
  EXPECT_TRUE(validate(options));
  for (const Turn& wrong : {Turn{{}, 0ms, 0, 1}, Turn{{}, 1ms, 2, 2}, Turn{{}, 1ms, -1, 2}}) {
    options.turn = wrong;
    EXPECT_FALSE(validate(options));
  }
}

TEST(Descriptors, ThatTheHardLimitForbidsAreNamedWithWhatToSet) {
  const auto checked = check_descriptors(1000, 2, {64, 1024});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::ErrorCode::kBadInput);
  EXPECT_EQ(checked.error().message,
            "1000 connections need 1036 file descriptors, but at most 1024 are allowed");
  EXPECT_THAT(checked.error().next, HasSubstr("ulimit -Hn 1036"));
  EXPECT_TRUE(check_descriptors(1000, 2, {64, 1036})) << "the soft limit can be raised";
  EXPECT_TRUE(check_descriptors(1000, 2, {RLIM_INFINITY, RLIM_INFINITY}));
}

TEST(Descriptors, OfALowSoftLimitAreNoErrorsOfTheServer) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  if (before.rlim_max < 512) GTEST_SKIP() << "the hard limit is low, too";
  const base::ScopeExit restore([&] { ::setrlimit(RLIMIT_NOFILE, &before); });
  const FakeServer server(answer_all);
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const report::Measurement m = measure(counted(server, 200, 100));
  EXPECT_EQ(m.requests.ok, 200U) << m.first_error;
  EXPECT_EQ(server.connections(), 100);
}

}  // namespace
}  // namespace poolbench::generator
