#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

/// Django under gunicorn with a real database. The first of these tests on a machine waits for the
/// target's preparation.
class RealStackTest : public E2eTest {
 protected:
  static constexpr std::chrono::seconds kWithPreparation{600};

  static std::filesystem::path smoke() {
    return std::filesystem::path(POOLBENCH_SOURCE_DIR) / "scenarios" / "smoke.toml";
  }
  /// The only trial of a variant.
  static base::Json trial_of(const base::Json& report, const std::string& variant) {
    for (const auto& cell : report.at("cells")) {
      if (cell.at("factors").at("variant") == variant) return cell.at("trials").at(0);
    }
    ADD_FAILURE() << "no cell of variant " << variant;
    return {};
  }
  static double sessions_per_request(const base::Json& report, const std::string& variant) {
    return trial_of(report, variant).at("database").at("sessions_per_request").get<double>();
  }
  static void expect_complete(const base::Json& trial) {
    EXPECT_EQ(trial.at("status"), "ok") << trial.at("reasons");
    std::vector<std::string> phases;
    for (const auto& phase : trial.at("phases")) {
      // Where no request is under way at the window's end there is nothing to drain.
      if (phase.at("name") != "drain") phases.push_back(phase.at("name").get<std::string>());
    }
    EXPECT_THAT(phases, ElementsAre("start", "verify", "generator", "warm-up", "measure", "stop"));
    EXPECT_TRUE(trial.at("overhead_seconds").is_number());
    const auto& requests = trial.at("requests");
    std::uint64_t errors = 0;
    for (const auto& [name, count] : requests.at("errors").items()) {
      errors += count.get<std::uint64_t>();
    }
    EXPECT_GT(requests.at("ok").get<std::uint64_t>(), 0U);
    EXPECT_EQ(requests.at("sent").get<std::uint64_t>(),
              requests.at("ok").get<std::uint64_t>() + errors);
  }
};

TEST_F(RealStackTest, SmokeScenarioShowsWhoReusesSessions) {
  Program program = run(smoke());
  EXPECT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_EQ(report.at("outcome"), "completed");
  for (const char* variant : {"no-pool", "pool", "persistent", "misspelt", "no-db"}) {
    SCOPED_TRACE(variant);
    expect_complete(trial_of(report, variant));
  }
  EXPECT_GE(sessions_per_request(report, "no-pool"), 0.9);
  EXPECT_GE(sessions_per_request(report, "misspelt"), 0.9);
  EXPECT_LE(sessions_per_request(report, "pool"), 0.05);
  EXPECT_LE(sessions_per_request(report, "persistent"), 0.05);
  EXPECT_EQ(sessions_per_request(report, "no-db"), 0);
  for (const auto& hypothesis : report.at("hypotheses")) {
    EXPECT_NE(hypothesis.at("verdict"), "refuted") << hypothesis;
  }
}

TEST_F(RealStackTest, ThePoolTellsWhatItDid) {
  Program program = run(smoke(), {"--only", "variant=pool", "--only", "variant=no-pool"});
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  const base::Json report = this->report();
  const base::Json metrics = trial_of(report, "pool").at("metrics");
  EXPECT_NEAR(metrics.at("target.pool_requests").get<double>(), 1, 0.1)
      << "every request asks the pool once";
  EXPECT_GE(metrics.at("target.pool_wait_ms").get<double>(), 0);
  EXPECT_LE(metrics.at("target.pool_connections").get<double>(), 0.05);
  const base::Json without = trial_of(report, "no-pool");
  EXPECT_TRUE(without.at("metrics").at("target.pool_requests").is_null());
  EXPECT_THAT(without.at("missing").at("metrics.target.pool_requests").get<std::string>(),
              HasSubstr("{\"pool\": null}"));
}

TEST_F(RealStackTest, ReportTellsTheServersAsTheyWereMeasured) {
  Program program = run(smoke(), {"--only", "variant=pool"});
  EXPECT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  const base::Json environment = report().at("environment");
  EXPECT_THAT(environment.at("target").at("versions").dump(),
              AllOf(HasSubstr("django"), HasSubstr("psycopg"), HasSubstr("gunicorn")));
  const auto& postgres = environment.at("postgres");
  EXPECT_EQ(postgres.at("source"), "private");
  EXPECT_FALSE(postgres.at("settings").contains("fsync")) << postgres;
}

TEST_F(RealStackTest, PoolWithPersistentConnectionsIsRefusedByTheTargetsRule) {
  Program program = run(smoke(), {"--set", "variant.pool.target.params.conn_max_age=60"});
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(),
              HasSubstr("Django refuses a pool together with persistent connections"));
  EXPECT_FALSE(std::filesystem::exists(results()));
}

TEST_F(RealStackTest, ForcedPoolWithPersistentConnectionsFailsInDjangosOwnWords) {
  Program program =
      run(smoke(), {"--only", "variant=pool", "--only", "variant=no-db", "--set",
                    "variant.pool.target.params.database_settings={CONN_MAX_AGE=60}"});
  EXPECT_EQ(program.wait(kWithPreparation), exited(3));
  expect_nothing_left(program);
  EXPECT_THAT(program.err(), HasSubstr("ImproperlyConfigured"));
  const base::Json report = this->report();
  EXPECT_EQ(trial_of(report, "no-db").at("status"), "ok");
  const base::Json trial = trial_of(report, "pool");
  EXPECT_EQ(trial.at("status"), "failed");
  EXPECT_THAT(reasons(trial), AllOf(HasSubstr("ImproperlyConfigured"),
                                    HasSubstr("Pooling doesn't support persistent connections")));
}

const std::vector<std::string> kShortLoad{
    "--blocks",          "1",     "--set",          "load.connections=4", "--set",
    "load.warmup=100ms", "--set", "load.measure=1s"};

TEST_F(RealStackTest, AMixOfReadsAndOrdersHasFiguresForEach) {
  Program program =
      run(std::filesystem::path(POOLBENCH_SOURCE_DIR) / "scenarios" / "mixed.toml", kShortLoad);
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(program.out(), AllOf(HasSubstr("endpoint"), HasSubstr("order p50 ms")));
  const base::Json report = this->report();
  for (const auto& cell : report.at("cells")) {
    const auto& trial = cell.at("trials").back();
    ASSERT_EQ(trial.at("status"), "ok") << trial.at("reasons");
    const auto& city = trial.at("endpoints").at("city");
    const auto& order = trial.at("endpoints").at("order");
    const auto sent = [](const base::Json& figures) { return figures.at("sent").get<double>(); };
    EXPECT_EQ(sent(city) + sent(order), sent(trial.at("requests")));
    EXPECT_EQ(sent(order), order.at("ok").get<double>()) << order;
    EXPECT_NEAR(sent(order) / (sent(city) + sent(order)), 0.1, 0.05);
    EXPECT_EQ(trial.at("statuses").at("201"), order.at("ok"));
    EXPECT_TRUE(cell.at("summary").contains("endpoint.order.latency_p50_us"));
  }
}

/// The log-in with a CSRF token as the documentation has it, for the admin of the shipped Django.
class AdminTest : public RealStackTest {
 protected:
  void SetUp() override {
    RealStackTest::SetUp();
    const fs::path shipped = fs::path(POOLBENCH_SOURCE_DIR) / "scenarios" / "targets";
    fs::copy(shipped, folder_ / "targets", fs::copy_options::recursive);
    const auto docs =
        base::read_file(fs::path(POOLBENCH_SOURCE_DIR) / "docs/scenario-reference.md");
    const auto target = base::read_file(folder_ / "targets/django/target.toml");
    ASSERT_TRUE(docs && target);
    const std::size_t begin = docs->find("[[login]]\npath = \"/admin/login/\"");
    ASSERT_NE(begin, std::string::npos);
    example_ = docs->substr(begin, docs->find("```", begin) - begin);
    target_ = target->substr(0, target->find("[endpoint.order]"));
    ASSERT_TRUE(base::write_file_atomically(
        scenario(),
        "schema = 1\nname = \"admin\"\ntarget = { use = \"django\", endpoint = \"admin\", params = "
        "{ pool = true, worker_class = \"gthread\", threads = 4 } }\n"));
  }
  [[nodiscard]] fs::path scenario() const { return folder_ / "admin.toml"; }
  void write_target(const std::string& logins) const {
    ASSERT_TRUE(
        base::write_file_atomically(folder_ / "targets/django/target.toml", target_ + logins));
  }
  std::string example_, target_;
};

TEST_F(AdminTest, ItsLoginWithACsrfTokenWorksAsTheDocumentationHasIt) {
  write_target(example_);
  Program program = run(scenario(), kShortLoad);
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  const auto trial = report().at("cells").at(0).at("trials").back();
  EXPECT_EQ(trial.at("status"), "ok") << trial.at("reasons");
  EXPECT_THAT(trial.at("phases").at(0).dump(), HasSubstr("log-in"));
}

TEST_F(AdminTest, EachClientCanLogInForItself) {
  std::string each = example_;
  for (std::size_t at = 0; (at = each.find("[[login]]\n", at)) != std::string::npos; at += 10) {
    each.insert(at + 10, "scope = \"client\"\n");
  }
  write_target(each);
  Program program = run(scenario(), kShortLoad);
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  EXPECT_EQ(report().at("cells").at(0).at("trials").back().at("status"), "ok");
}

TEST_F(AdminTest, AWrongPasswordIsToldAsTheAnswerToTheLogin) {
  std::string wrong = example_;
  wrong.replace(wrong.find("password=bench"), 14, "password=wrong");
  write_target(wrong);
  Program program = run(scenario(), kShortLoad);
  EXPECT_EQ(program.wait(kWithPreparation), exited(3));
  EXPECT_THAT(program.err(),
              HasSubstr("the log-in POST /admin/login/?next=/admin/ fails: status 200 "
                        "instead of 302"));
}

}  // namespace
}  // namespace poolbench::e2e
