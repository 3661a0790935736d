#include "run/validity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::run {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

scenario::Cell cell_using_database(bool database) {
  auto spec = std::make_shared<scenario::TargetSpec>();
  spec->endpoints["query"].database = database;
  scenario::Cell cell;
  cell.target.spec = std::move(spec);
  cell.target.endpoint = "query";
  return cell;
}

report::Trial trial_with(std::uint64_t ok, std::map<std::string, std::uint64_t> errors) {
  report::Trial trial;
  trial.measurement.emplace();
  trial.measurement->requests.ok = ok;
  trial.measurement->requests.errors = std::move(errors);
  trial.measurement->requests.sent = ok + trial.measurement->requests.failed();
  trial.measurement->first_error = "status 500";
  return trial;
}

TEST(Validity, ATrialWithoutErrorsIsOk) {
  auto trial = trial_with(1000, {});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "ok");
  EXPECT_THAT(trial.reasons, IsEmpty());
}

TEST(Validity, OneErrorMakesATrialInvalidAndNamesIt) {
  auto trial = trial_with(999, {{"status_5xx", 1}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "invalid");
  EXPECT_THAT(trial.reasons.front(), HasSubstr("1 of 1000 requests failed: 1 status_5xx"));
  EXPECT_THAT(trial.reasons.front(), HasSubstr("status 500"));
}

TEST(Validity, ManyErrorsMakeATrialFailed) {
  auto trial = trial_with(500, {{"status_5xx", 500}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "failed");
  trial = trial_with(0, {{"connect_refused", 3}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "failed");
}

TEST(Validity, TheScenarioMayTolerateSomeErrors) {
  auto cell = cell_using_database(true);
  cell.load.tolerated_error_ratio = 0.01;
  auto trial = trial_with(995, {{"timeout", 5}});
  judge(trial, cell);
  EXPECT_EQ(trial.status, "ok");
}

TEST(Validity, AMissedRateIsInvalid) {
  auto cell = cell_using_database(true);
  cell.load.rate_hz = 1000;
  auto trial = trial_with(1000, {});
  trial.measurement->throughput_requests_per_second = 989;
  judge(trial, cell);
  EXPECT_EQ(trial.status, "invalid");
}

TEST(Validity, WarnsWhenANoDatabaseEndpointOpensSessions) {
  auto trial = trial_with(1000, {});
  trial.database.sessions_opened = 3;
  judge(trial, cell_using_database(false));
  EXPECT_EQ(trial.status, "ok");
  EXPECT_THAT(trial.warnings, testing::ElementsAre(HasSubstr("no database")));
}

}  // namespace
}  // namespace poolbench::run
