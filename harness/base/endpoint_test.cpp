#include "base/endpoint.h"

#include <gtest/gtest.h>

namespace poolbench::base {
namespace {

TEST(Endpoint, SplitsUrls) {
  const Url url = parse_url("http://127.0.0.1:8000/a?b=c").value();
  EXPECT_EQ(url.endpoint, (Endpoint{"127.0.0.1", 8000}));
  EXPECT_EQ(url.target, "/a?b=c");
  EXPECT_EQ(parse_url("https://[::1]").value().endpoint, (Endpoint{"::1", 443}));
  EXPECT_EQ(parse_url("http://h?x").value().target, "/?x");
  EXPECT_EQ(to_text(parse_url("http://[::1]:81/").value()), "http://[::1]:81/");
}

TEST(Endpoint, TakesSchemesInUpperAndLowerCase) {
  EXPECT_EQ(to_text(parse_url("HTTP://h:81/A").value()), "http://h:81/A");
  EXPECT_EQ(to_text(parse_url("HttpS://h/").value()), "https://h:443/");
  EXPECT_FALSE(parse_url("HTTP:/h/").has_value());
  EXPECT_FALSE(parse_url("HTTP").has_value());
}

TEST(Endpoint, RefusesBadUrls) {
  for (const char* text :
       {"", "ftp://x/", "http://", "http://h:0/", "http://h:99999/", "http://u@h/", "http://h/#f",
        "http://h/a b", "http://[::1/", "http://[::1]80/", "http://h:8x/"}) {
    EXPECT_FALSE(parse_url(text).has_value()) << text;
  }
}

TEST(Endpoint, FreePortCanBeBoundTwiceInARow) {
  EXPECT_NE(free_port().value(), 0);
  EXPECT_NE(free_port().value(), 0);
}

TEST(Endpoint, KnowsTheAddressesOfThisMachineAlone) {
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(is_loopback(address), true) << address;
  }
  for (const char* address :
       {"10.0.0.1", "0.0.0.0", "128.0.0.1", "::", "::ffff:10.0.0.1", "fe80::1"}) {
    EXPECT_EQ(is_loopback(address), false) << address;
  }
  for (const char* name : {"localhost", "127.1", "2130706433", "127.0.0.1.example", ""}) {
    EXPECT_EQ(is_loopback(name), std::nullopt) << name;
  }
}

TEST(HttpServer, IsAskedForItsHost) {
  EXPECT_EQ(host_header({.endpoint = {"localhost", 80}}), "localhost");
  EXPECT_EQ(host_header({.endpoint = {"::1", 443}, .tls = true}), "[::1]");
  EXPECT_EQ(host_header({.endpoint = {"127.0.0.1", 443}}), "127.0.0.1:443");
  EXPECT_EQ(host_header(over_unix_socket("/s/t.sock")), "localhost");
  EXPECT_EQ(to_text(over_unix_socket("/s/t.sock")), "/s/t.sock");
}

}  // namespace
}  // namespace poolbench::base
