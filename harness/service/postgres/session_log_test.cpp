#include "service/postgres/session_log.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kOurPrefix = "%m [%p] %q%u@%d ";

std::string line(int pid, const std::string& words,
                 const std::string& who = "[unknown]@[unknown]") {
  return "2026-11-27 21:20:50.766 UTC [" + std::to_string(pid) + "] " + who + " " + words;
}
std::string received(int pid) {
  return line(pid, "LOG:  connection received: host=127.0.0.1 port=4711");
}
std::string authorized(int pid, const std::string& database = "trial_1") {
  return line(
      pid, "LOG:  connection authorized: user=app database=" + database + " application_name=psql");
}
std::string ended(int pid, const std::string& database = "trial_1") {
  return line(pid,
              "LOG:  disconnection: session time: 0:00:00.434 user=app database=" + database +
                  " host=127.0.0.1 port=4711",
              "app@" + database);
}
std::string fatal(int pid, const std::string& words, const std::string& database = "trial_1") {
  return line(pid, "FATAL:  " + words, "app@" + database);
}

SessionSums sums_of(const std::vector<std::string>& lines, const char* prefix = kOurPrefix) {
  SessionLog log(*LogLinePrefix::parse(prefix), "trial_1");
  for (const std::string& each : lines) log.add(each);
  return log.sums();
}

TEST(SessionLogTest, ASessionCountsFromConnectionReceivedToDisconnection) {
  const auto sums = sums_of({received(1), received(2), authorized(1), ended(1), authorized(2),
                             received(3), authorized(3), ended(2), ended(3)});
  EXPECT_EQ(sums.peak, 2);
  EXPECT_EQ(sums.established, 3);
  EXPECT_THAT(sums.open, IsEmpty());
  EXPECT_TRUE(sums.is_whole);
}

TEST(SessionLogTest, SessionsOfOtherDatabasesDoNotCount) {
  const auto sums =
      sums_of({received(1), authorized(1, "postgres"), received(2), authorized(2), received(3),
               authorized(3, "trial_12"), ended(2), ended(1, "postgres")});
  EXPECT_EQ(sums.peak, 1);
  EXPECT_EQ(sums.established, 1);
}

TEST(SessionLogTest, Postgres18TellsHowLongItTookToSetUpTheSessionsUnderLoad) {
  const auto ready = [](int pid, const std::string& ms) {
    return line(pid, "LOG:  connection ready: setup total=" + ms +
                         " ms, fork=0.700 ms, authentication=0.200 ms");
  };
  SessionLog log(*LogLinePrefix::parse(kOurPrefix), "trial_1");
  for (const auto& each : {received(1), authorized(1), ready(1, "99.0")}) log.add(each);
  log.begin_load();
  for (const auto& each :
       {received(2), authorized(2), ready(2, "3.500"), received(3), authorized(3, "postgres"),
        ready(3, "50"), received(4), authorized(4), ready(4, "4.5"), received(5), authorized(5)}) {
    log.add(each);
  }
  EXPECT_EQ(log.sums().set_up, 2);
  EXPECT_DOUBLE_EQ(log.sums().setup_us, 8000);
}

TEST(SessionLogTest, TheSessionOfTheIgnoredProcessDoesNotCount) {
  SessionLog log(*LogLinePrefix::parse(kOurPrefix), "trial_1", 2);
  for (const auto& each :
       {received(1), authorized(1), received(2), authorized(2), ended(1), ended(2)}) {
    log.add(each);
  }
  EXPECT_EQ(log.sums().peak, 1);
  EXPECT_EQ(log.sums().established, 1);
}

TEST(SessionLogTest, RefusedSessionsCountUntilTheyAreRefused) {
  const auto sums = sums_of(
      {received(1), authorized(1), received(2), authorized(2),
       fatal(2,
             "remaining connection slots are reserved for non-replication superuser connections"),
       received(3), fatal(3, "sorry, too many clients already"), received(4),
       fatal(4, "sorry, too many clients already", "trial_2"), ended(1)});
  EXPECT_EQ(sums.peak, 2);
  EXPECT_EQ(sums.established, 1);
  EXPECT_EQ(sums.refused, 2);
  EXPECT_THAT(sums.refusal, HasSubstr("remaining connection slots"));
}

TEST(SessionLogTest, ASessionThatIsEndedByForceEndsOnceAndWasNotRefused) {
  const auto sums = sums_of({received(1), authorized(1),
                             fatal(1, "terminating connection due to administrator command"),
                             ended(1), received(2), authorized(2), ended(2)});
  EXPECT_EQ(sums.peak, 1);
  EXPECT_EQ(sums.established, 2);
  EXPECT_EQ(sums.refused, 0);
}

TEST(SessionLogTest, ASessionThatWritesOfItsOwnEndHasNotEnded) {
  const auto sums = sums_of({received(1), authorized(1), ended(1), received(2), authorized(2),
                             ended(2), ended(1), received(1), authorized(1), ended(1)});
  EXPECT_EQ(sums.peak, 2);
  EXPECT_EQ(sums.established, 3);
  EXPECT_TRUE(sums.is_whole);
}

TEST(SessionLogTest, AProcessWithoutFurtherLinesWasNobodysSession) {
  const auto sums = sums_of({received(1), received(1), authorized(1), ended(1), received(2)});
  EXPECT_EQ(sums.peak, 1);
  EXPECT_TRUE(sums.is_whole);
  EXPECT_THAT(sums.open, IsEmpty());
}

TEST(SessionLogTest, ALostEndIsSeenWhereTheProcessNumberComesAgain) {
  EXPECT_FALSE(
      sums_of({received(1), authorized(1), received(1), authorized(1), ended(1)}).is_whole);
  EXPECT_THAT(sums_of({received(1), authorized(1)}).open, ElementsAre(1));
}

TEST(SessionLogTest, ThePeakCountsFromTheLoadOnWithThoseThatAreOpenThen) {
  SessionLog log(*LogLinePrefix::parse(kOurPrefix), "trial_1");
  for (const int pid : {1, 2, 3}) log.add(received(pid));
  for (const int pid : {1, 2, 3}) log.add(authorized(pid));
  log.add(ended(1));
  log.begin_load();
  EXPECT_EQ(log.sums().peak, 2);
  log.add(ended(2));
  log.add(received(4));
  log.add(authorized(4));
  EXPECT_EQ(log.sums().peak, 2);
}

TEST(SessionLogTest, PrefixesOfTheScenarioAreRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"%m [%p] ", "2026-11-27 21:20:50.766 UTC [17] "},
      {"%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
       "2026-11-27 21:20:50 UTC [17]: [1-1] user=app,db=trial_1,app=x,client=127.0.0.1 "},
      {"%5p|100%%|", "   17|100%|"},
      {"%p", "17"}};
  for (const auto& [setting, text] : cases) {
    SCOPED_TRACE(setting);
    const auto prefix = LogLinePrefix::parse(setting);
    ASSERT_TRUE(prefix);
    const std::string whole = std::string(text) + "LOG:  hello";
    const auto read = prefix->read(whole);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->pid, 17);
    EXPECT_EQ(read->message, "LOG:  hello");
  }
  EXPECT_FALSE(LogLinePrefix::parse("%m "));
  EXPECT_FALSE(LogLinePrefix::parse("%u%d %p "));
  EXPECT_FALSE(LogLinePrefix::parse("%p %"));
  EXPECT_FALSE(LogLinePrefix::parse(kOurPrefix)->read("\tLOG:  connection received: by a query"));
}

TEST(SessionLogTest, WithoutTheDatabaseInThePrefixARefusalIsTakenForOurs) {
  const std::vector<std::string> lines = {"[1] LOG:  00000: connection received: host=[local]",
                                          "[1] FATAL:  53300: sorry, too many clients already"};
  EXPECT_EQ(sums_of(lines, "[%p] ").refused, 1);
  EXPECT_EQ(sums_of(lines, "[%p] ").peak, 1);
}

TEST(SessionLogTest, SettingsThatHideTheLinesAreNamed) {
  const std::map<std::string, std::string> good = {{"log_connections", "on"},
                                                   {"log_disconnections", "on"},
                                                   {"log_destination", "stderr"},
                                                   {"logging_collector", "off"},
                                                   {"log_line_prefix", kOurPrefix},
                                                   {"log_min_messages", "warning"},
                                                   {"lc_messages", "C"}};
  EXPECT_EQ(why_log_hides_sessions(good), "");
  const std::pair<const char*, const char*> bad[] = {
      {"log_connections", "off"},    {"log_connections", "receipt"}, {"log_disconnections", "off"},
      {"log_destination", "syslog"}, {"logging_collector", "on"},    {"log_line_prefix", "%m "},
      {"log_min_messages", "fatal"}, {"lc_messages", "de_DE.UTF-8"}};
  for (const auto& [name, value] : bad) {
    auto settings = good;
    settings[name] = value;
    EXPECT_THAT(why_log_hides_sessions(settings), HasSubstr(name)) << value;
  }
  for (const char* value :
       {"receipt,authentication,authorization", "all", "authorization, receipt"}) {
    auto settings = good;
    settings["log_connections"] = value;
    EXPECT_EQ(why_log_hides_sessions(settings), "") << value;
  }
}

/// A file that goes away with the test.
class SessionLogFileTest : public testing::Test {
 protected:
  void write(const std::string& text) const {
    ASSERT_TRUE(base::write_file_atomically(log(), text));
  }
  [[nodiscard]] std::filesystem::path log() const { return folder_ / "postgres.log"; }
  base::TemporaryFolder folder_;
};

TEST_F(SessionLogFileTest, OnlyTheTrialsStretchIsReadAndNoLineThatIsCutOff) {
  const std::string before = received(1) + "\n" + authorized(1) + "\n";
  const std::string start = received(2) + "\n" + received(3) + "\n" + authorized(2) + "\n" +
                            authorized(3) + "\n" + ended(2) + "\n" + ended(3) + "\n";
  write(before + start + received(4) + "\n" + authorized(4) + "\n" + ended(4));
  const auto prefix = LogLinePrefix::parse(kOurPrefix);
  const auto sums =
      read_sessions(log(), *prefix, "trial_1", {before.size(), before.size() + start.size()});
  ASSERT_TRUE(sums);
  EXPECT_EQ(sums->established, 3);
  EXPECT_EQ(sums->peak, 1);
  EXPECT_THAT(sums->open, ElementsAre(4));
}

TEST_F(SessionLogFileTest, WhatIsNotAboutSessionsStaysWhenTheLogIsMadeShorter) {
  write(received(1) + "\n" + authorized(1) + "\n" + line(7, "ERROR:  relation \"t\" exists") +
        "\n" + ended(1) + "\n");
  ASSERT_TRUE(drop_session_lines(log(), *LogLinePrefix::parse(kOurPrefix)));
  const std::string text = base::read_file(log()).value();
  EXPECT_THAT(text, HasSubstr("relation \"t\" exists"));
  EXPECT_THAT(text, testing::Not(HasSubstr("connection")));
}

}  // namespace
}  // namespace poolbench::service
