#include "service/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "process/fixture.h"

namespace poolbench::service {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;

/// A site with a form that has a CSRF token, and an API that gives tokens.
class LoginTest : public process::ProcessTest {
 protected:
  void SetUp() override {
    process::ProcessTest::SetUp();
    server_.Get("/login", [](const httplib::Request&, httplib::Response& answer) {
      answer.headers.emplace("Set-Cookie", "csrftoken=c1; Path=/; SameSite=Lax");
      answer.headers.emplace("Set-Cookie", "old=1");
      answer.set_content("<input name=\"csrf\" value=\"f00\">", "text/html");
    });
    server_.Post("/login", [](const httplib::Request& asked, httplib::Response& answer) {
      const bool right = asked.body == "user=u&csrf=f00" &&
                         asked.get_header_value("Cookie") == "csrftoken=c1; old=1";
      answer.status = right ? 302 : 403;
      answer.headers.emplace("Location", "/next");
      answer.headers.emplace("Set-Cookie", "sessionid=s9; HttpOnly; Secure");
      answer.headers.emplace("Set-Cookie", "old=; Max-Age=0");
    });
    server_.Post("/token", [](const httplib::Request& asked, httplib::Response& answer) {
      answer.set_content("{\"access\": \"t-" + asked.body + "\", \"n\": {\"id\": 7}}",
                         "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    serving_ = std::jthread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  void TearDown() override {
    server_.stop();
    process::ProcessTest::TearDown();
  }

  base::Result<std::vector<generator::ClientValue>> log_in(
      const std::vector<scenario::LoginSpec>& logins, int clients = 1) {
    return service::log_in(
        *supervisor_, logins,
        {{.endpoint = {"127.0.0.1", static_cast<std::uint16_t>(port_)}}, clients, 5s, {}, {}});
  }

  static scenario::LoginSpec token_login(bool each) {
    scenario::LoginSpec login;
    login.request.method = "POST";
    login.request.path = "/token";
    login.request.body = "{seq:1..100}";
    login.for_each_client = each;
    login.keep = {{.name = "token", .json = "/access"}, {.name = "id", .json = "/n/id"}};
    return login;
  }

  httplib::Server server_;
  int port_ = 0;
  std::jthread serving_;
};

auto value(const char* word, std::vector<std::string> values) {
  return AllOf(Field(&generator::ClientValue::word, word),
               Field(&generator::ClientValue::values, values));
}

auto value_among(const char* word, const char* text) {
  return AllOf(Field(&generator::ClientValue::word, word),
               Field(&generator::ClientValue::values, testing::Contains(text)));
}

TEST_F(LoginTest, AFormWithACsrfTokenAndCookies) {
  scenario::LoginSpec form;
  form.request.path = "/login";
  form.keep = {{.name = "csrf", .regex = "name=\"csrf\" value=\"([^\"]*)\""}};
  scenario::LoginSpec post;
  post.request.method = "POST";
  post.request.path = "/login";
  post.request.body = "user=u&csrf={csrf}";
  post.request.expect.statuses = {302};
  post.keep = {{.name = "next", .header = "location"}, {.name = "sid", .cookie = "sessionid"}};
  const auto kept = log_in({form, post});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_THAT(*kept, Contains(value("csrf", {"f00"})));
  EXPECT_THAT(*kept, Contains(value("next", {"/next"})));
  EXPECT_THAT(*kept, Contains(value("sid", {"s9"})));
  EXPECT_THAT(*kept, Contains(value("login.cookies", {"csrftoken=c1; sessionid=s9"})));
}

TEST_F(LoginTest, EachClientHasItsOwnValuesAndSharesWhatWasDoneOnce) {
  scenario::LoginSpec once = token_login(false);
  once.keep = {{.name = "shared", .json = "/access"}};
  const auto kept = log_in({once, token_login(true)}, 11);
  ASSERT_TRUE(kept) << kept.error().message;
  ASSERT_EQ(kept->size(), 4U);
  for (const generator::ClientValue& each : *kept) {
    ASSERT_EQ(each.values.size(), 11U) << each.word;
  }
  EXPECT_THAT(*kept, Contains(value_among("token", "t-11")));
  EXPECT_THAT(*kept, Contains(value_among("shared", "t-1")));
  EXPECT_THAT(*kept, Contains(value_among("id", "7")));
}

TEST_F(LoginTest, ShowsNeitherItsAnswerNorWhatItSentWhereItFails) {
  const std::vector<generator::LineFile> users{{"users.txt", {"sesame"}}};
  scenario::LoginSpec token = token_login(false);
  token.request.path = "/token?password={pick:users.txt}";
  token.request.expect.statuses = {201};
  const auto failed = service::log_in(
      *supervisor_, {token},
      {{.endpoint = {"127.0.0.1", static_cast<std::uint16_t>(port_)}}, 1, 5s, users, {}});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message,
            "the log-in POST /token?password={pick:users.txt} fails: status 200 instead of 201; "
            "its JSON has access, n (33 bytes of application/json)");
}

TEST_F(LoginTest, SaysWhatIsWrong) {
  scenario::LoginSpec post;
  post.request.method = "POST";
  post.request.path = "/login";
  EXPECT_THAT(log_in({post}).error().message,
              HasSubstr("the log-in POST /login fails: status 403 instead of 200"));
  scenario::LoginSpec token = token_login(false);
  token.keep = {{.name = "token", .json = "/refresh"}};
  EXPECT_THAT(log_in({token}).error().message,
              testing::AllOf(HasSubstr("the answer has not what is kept as {token}, the JSON value "
                                       "/refresh; its JSON has access"),
                             testing::Not(HasSubstr("t-1"))))
      << "no secret is shown";
}

}  // namespace
}  // namespace poolbench::service
