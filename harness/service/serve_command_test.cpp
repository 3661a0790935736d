#include "service/serve_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::service {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

scenario::TargetSettings settings_with(std::vector<std::string> serve) {
  auto spec = std::make_shared<scenario::TargetSpec>();
  spec->name = "app";
  spec->folder = "/srv/app";
  spec->serve.command = std::move(serve);
  spec->serve.folder = "/srv/app/code";
  spec->serve.environment = {{"MODE", "bench"}};
  spec->serve.stop_signal = 2;
  spec->params["workers"].argument = {"--workers", "{value}"};
  spec->params["pool"].environment = "APP_POOL";
  scenario::TargetSettings settings;
  settings.spec = std::move(spec);
  settings.params = {{"workers", 4}, {"pool", base::Json{{"max_size", 8}}}};
  return settings;
}

TEST(ServeCommand, PutsParametersWhereTheTargetWantsThem) {
  const auto settings =
      settings_with({"{prepared}/bin/serve", "--bind", "{host}:{port}", "{arguments}", "app:main"});
  const auto command =
      serve_command(settings, {"/cache/app", {{"PGHOST", "h"}}, {}, {1}}, {"127.0.0.1", 4000});
  EXPECT_THAT(command.argv, ElementsAre("/cache/app/bin/serve", "--bind", "127.0.0.1:4000",
                                        "--workers", "4", "app:main"));
  EXPECT_THAT(command.environment, Contains(Pair("APP_POOL", R"({"max_size":8})")));
  EXPECT_THAT(command.environment, Contains(Pair("MODE", "bench")));
  EXPECT_THAT(command.environment, Contains(Pair("PGHOST", "h")));
  EXPECT_THAT(command.cpus, ElementsAre(1));
  EXPECT_EQ(command.stop.signal, 2);
  EXPECT_EQ(command.folder, "/srv/app/code");
}

TEST(ServeCommand, AppendsParametersWhenTheTargetNamesNoPlace) {
  const auto command = serve_command(settings_with({"./serve"}), {}, {"127.0.0.1", 4000});
  EXPECT_THAT(command.argv, ElementsAre("/srv/app/serve", "--workers", "4"));
}

}  // namespace
}  // namespace poolbench::service
