#include "scenario/target/target_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "scenario/expand_fixture.h"
#include "scenario/target/target_file.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class TargetRequestsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(base::write_file_atomically(folder_ / "ids.txt", "7\r\n\n9\n"));
    ASSERT_TRUE(base::write_file_atomically(folder_ / "empty.txt", "\n"));
    ASSERT_TRUE(base::write_file_atomically(folder_ / "order.bin", std::string("\0{seq}\xff", 7)));
  }

  std::optional<TargetSpec> read(const std::string& requests) {
    Mistakes mistakes;
    auto spec = read_target(source_of("schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\n"
                                      "serve = { command = [\"run\"] }\n"
                                      "endpoint.q = { path = \"/\" }\n" +
                                      requests),
                            folder_, mistakes);
    mistakes_ = mistakes.in_order();
    return spec;
  }
  std::string mistake(const std::string& requests) {
    read(requests);
    return mistakes_.empty() ? "" : mistakes_.front().message + " / " + mistakes_.front().next;
  }

  base::TemporaryFolder folder_;
  std::vector<Diagnostic> mistakes_;
};

TEST_F(TargetRequestsTest, AnEndpointIsAnyRequest) {
  const auto spec = read(R"x(
[endpoint.order]
method = "POST"
path = "/orders?trace={nonce}"
headers = { Authorization = "Bearer {token}", Host = "shop.example" }
content_type = "application/json"
body = '{"city": {random:1..1000}, "pick": "{pick:ids.txt}"}'
expect.status = [201, 409]
expect.headers = { Location = "/orders/{nonce}" }
writes = true
[[login]]
method = "POST"
path = "/login"
body = '{"user": "u{seq:1..50}"}'
scope = "client"
keep = { token = { json = "/access" }, csrf = { regex = 'value="([^"]+)"' } }
)x");
  ASSERT_THAT(mistakes_, IsEmpty()) << to_text(mistakes_);
  const EndpointSpec& order = spec->endpoints.at("order");
  EXPECT_EQ(order.method, "POST");
  EXPECT_THAT(order.headers,
              ElementsAre(Pair("Authorization", "Bearer {token}"), Pair("Host", "shop.example"),
                          Pair("Content-Type", "application/json")));
  EXPECT_THAT(order.expect.statuses, ElementsAre(201, 409));
  EXPECT_THAT(order.expect.headers, ElementsAre(Pair("Location", "/orders/{nonce}")));
  EXPECT_TRUE(order.writes);
  EXPECT_THAT(spec->request_files.at("ids.txt").lines, ElementsAre("7", "9"));
  EXPECT_EQ(spec->request_files.at("ids.txt").sha256, base::sha256_hex("7\r\n\n9\n"));
  ASSERT_EQ(spec->logins.size(), 1U);
  EXPECT_TRUE(spec->logins.front().for_each_client);
  EXPECT_EQ(spec->logins.front().keep.at(1).name, "csrf");
  EXPECT_EQ(spec->logins.front().keep.at(0).json, "/access");
}

TEST_F(TargetRequestsTest, ABodyFileIsSentAsItIs) {
  const auto spec =
      read("[endpoint.order]\nmethod = \"PUT\"\npath = \"/o\"\nbody_file = \"order.bin\"\n");
  ASSERT_THAT(mistakes_, IsEmpty());
  EXPECT_EQ(spec->endpoints.at("order").body, std::string("\0{seq}\xff", 7));
  EXPECT_TRUE(spec->endpoints.at("order").body_is_plain);
  EXPECT_EQ(spec->request_files.count("order.bin"), 1U);
}

TEST_F(TargetRequestsTest, WhatALoginKeepsIsKnownToLaterLoginsOnly) {
  constexpr const char* kLogins =
      "[[login]]\npath = \"/form\"\nkeep = { csrf = { cookie = \"csrftoken\" } }\n"
      "[[login]]\nmethod = \"POST\"\npath = \"/form\"\nbody = \"t={csrf}\"\n";
  read(kLogins);
  EXPECT_THAT(mistakes_, IsEmpty());
  EXPECT_THAT(mistake("[[login]]\npath = \"/{csrf}\"\n"
                      "keep = { csrf = { cookie = \"csrftoken\" } }\n"),
              HasSubstr("login.path: {csrf} is no placeholder here"));
}

TEST_F(TargetRequestsTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"path = \"x\"", "endpoint.e.path must start with \"/\""},
      {"path = \"/a b\"", "endpoint.e.path holds a space / write it as %20"},
      {"path = \"/{random:9..1}\"", "endpoint.e.path: random takes whole numbers FROM..TO"},
      {"path = \"/{pick:nowhere.txt}\"", "endpoint.e.path names \"nowhere.txt\""},
      {"path = \"/{pick:empty.txt}\"", "\"empty.txt\" has no line to pick"},
      {"path = \"/\"\nmethod = \"GE T\"", "endpoint.e.method must be an HTTP method"},
      {"path = \"/\"\nheaders = { \"a b\" = \"c\" }", "endpoint.e.headers holds what is no header"},
      {"path = \"/\"\nheaders = { a = \"c\\nd\" }", "endpoint.e.headers holds what is no header"},
      {"path = \"/\"\nbody = \"{tokn}\"", "endpoint.e.body: {tokn} is no placeholder here"},
      {"path = \"/\"\nbody = \"a\"\nbody_file = \"order.bin\"",
       "endpoint.e.body_file and body exclude"},
      {"path = \"/\"\nbody_file = \"nowhere\"", "endpoint.e.body_file names \"nowhere\""},
      {"path = \"/\"\ncontent_type = \"a\"\nheaders = { content-type = \"b\" }",
       "endpoint.e.content_type and the header Content-Type exclude each other"},
      {"path = \"/\"\nexpect.status = [200, 99]",
       "endpoint.e.expect.status must hold statuses from"},
      {"path = \"/\"\nexpect.status = []", "endpoint.e.expect.status holds no status"},
      {"path = \"/\"\nwrites = 1", "endpoint.e.writes must be true or false"},
      {"path = \"/{kept}\"\nlogin = false\n[[login]]\npath = \"/\"\nkeep.kept.json = \"/k\"",
       "endpoint.e.login = false does not go with {kept}, which a log-in keeps"},
      {"path = \"/\"\nscope = \"once\"", "unknown key endpoint.e.scope"}};
  for (const auto& [keys, words] : mistakes) {
    EXPECT_THAT(mistake(std::string("[endpoint.e]\n") + keys + "\n"), HasSubstr(words)) << keys;
  }
}

TEST_F(TargetRequestsTest, SaysWhatIsWrongWithALogin) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"scope = \"each\"", "login.scope cannot be"},
      {"keep = { a = {} }", "login.keep.a must say where the value is found"},
      {"keep = { a = { json = \"/x\", header = \"y\" } }", "must say where the value is found"},
      {"keep = { a = { regex = \"x\" } }", "login.keep.a.regex has no group"},
      {"keep = { a = { regex = \"(\" } }", "login.keep.a.regex is no regular expression"},
      {"keep = { a = { json = \"x\" } }", "login.keep.a.json is no JSON pointer"},
      {"keep = { seq = { json = \"/x\" } }", "login.keep.seq cannot be the name of a placeholder"},
      {"keep = { A = { json = \"/x\" } }", "login.keep.A cannot be the name of a placeholder"},
      {"keep = { \"login.x\" = { json = \"/x\" } }", "cannot be the name of a placeholder"},
      {"keep = { a = { json = \"/x\", xpath = \"/x\" } }", "unknown key login.keep.a.xpath"},
      {"writes = true", "unknown key login.writes"}};
  for (const auto& [keys, words] : mistakes) {
    EXPECT_THAT(mistake(std::string("[[login]]\npath = \"/login\"\n") + keys + "\n"),
                HasSubstr(words))
        << keys;
  }
}

}  // namespace
}  // namespace poolbench::scenario
