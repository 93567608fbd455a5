#include "router/watch/manifest_directory.h"

#include <dirent.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "async/channel.h"
#include "async/scope.h"
#include "async/time.h"
#include "router/testing/objects.h"
#include "telemetry/testing/captured_log.h"

namespace {
/// How many entries of directories can be read before the disk fails; -1: it does not fail.
int entries_until_error = -1;
}  // namespace

/// The C library's, in front of which a disk may fail: no file system does so on demand.
extern "C" dirent* readdir(DIR* directory) {
  static const auto real = reinterpret_cast<decltype(&readdir)>(::dlsym(RTLD_NEXT, "readdir"));
  if (entries_until_error == 0) {
    errno = EIO;
    return nullptr;
  }
  entries_until_error -= entries_until_error > 0 ? 1 : 0;
  return real(directory);
}

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class ManifestDirectory : public ::testing::Test {
 protected:
  ManifestDirectory() {
    std::string path = "/tmp/kthena-manifests-XXXXXX";
    directory_ = ::mkdtemp(path.data());
  }
  ~ManifestDirectory() override { fs::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name) << text;
  }
  /// As a careful editor does.
  void replace(const std::string& name, const std::string& text) {
    write("." + name + ".swp", text);
    fs::rename(directory_ + "/." + name + ".swp", directory_ + "/" + name);
  }
  static std::string pod(const std::string& name, const std::string& ip = "10.0.0.1") {
    return testing::pod_yaml(name, "x", ip);
  }
  /// Names and addresses of the pods, of `set`.
  static std::vector<std::string> pods(const ManifestSet& set) {
    std::vector<std::string> names;
    for (const kube::Pod& each : set.objects().pods) {
      names.push_back(each.metadata.name + "@" + each.status.pod_ip);
    }
    return names;
  }
  bool rescan(ManifestSet& set) {
    const auto changed = set.rescan();
    EXPECT_TRUE(changed);
    return changed.value_or(false);
  }

  std::string directory_;
};

TEST_F(ManifestDirectory, ReadsManifestsAndNothingElse) {
  write("a.yaml", pod("a"));
  write("b.yml", pod("b"));
  write(
      "c.json",
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"status":{"podIP":"10.0.0.3"}})");
  write(".hidden.yaml", pod("hidden"));
  write("notes.txt", pod("text"));
  write("d.yaml~", pod("backup"));
  fs::create_directory(directory_ + "/e.yaml");
  write("empty.yaml", "");
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1", "b@10.0.0.1", "c@10.0.0.3"));
  EXPECT_FALSE(rescan(set)) << "nothing changed";
}

TEST_F(ManifestDirectory, FollowsAddingChangingReplacingAndRemoving) {
  write("a.yaml", pod("a"));
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  write("b.yaml", pod("b"));
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1", "b@10.0.0.1"));
  write("a.yaml", pod("a", "10.0.0.22"));
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.22", "b@10.0.0.1"));
  replace("b.yaml", pod("b", "10.0.0.3"));
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.22", "b@10.0.0.3"));
  fs::remove(directory_ + "/a.yaml");
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("b@10.0.0.3"));
  fs::rename(directory_ + "/b.yaml", directory_ + "/b.bak");
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), IsEmpty());
}

TEST_F(ManifestDirectory, ChangesOfTheSameSizeWithinOneTickAreSeen) {
  ManifestSet set(directory_);
  for (int i = 0; i < 200; ++i) {
    const std::string ip = "10.0.0." + std::to_string(100 + i % 100);
    write("a.yaml", pod("a", ip));
    rescan(set);
    ASSERT_THAT(pods(set), ElementsAre("a@" + ip)) << i;
  }
}

TEST_F(ManifestDirectory, AConfigMapIsReplacedByItsSymbolicLink) {
  const auto publish = [&](const std::string& version, const std::string& text) {
    fs::create_directory(directory_ + "/.." + version);
    std::ofstream(directory_ + "/.." + version + "/m.yaml") << text;
    fs::create_symlink(".." + version, directory_ + "/..data_tmp");
    fs::rename(directory_ + "/..data_tmp", directory_ + "/..data");
  };
  publish("2026_1", pod("a", "10.0.0.1"));
  fs::create_symlink("..data/m.yaml", directory_ + "/m.yaml");
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1"));
  publish("2026_2", pod("a", "10.0.0.2"));
  fs::remove_all(directory_ + "/..2026_1");
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.2"));
  EXPECT_FALSE(rescan(set));
}

TEST_F(ManifestDirectory, ABadFileKeepsItsLastGoodStateAndDoesNotHoldOthersBack) {
  write("a.yaml", pod("a"));
  write("b.yaml", pod("b"));
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  write("a.yaml", pod("a", "10.0.0.9") + "---\nkind: [\n");
  write("b.yaml", pod("b", "10.0.0.2"));
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1", "b@10.0.0.2"));
  write("a.yaml",
        "apiVersion: networking.serving.volcano.sh/v1alpha1\nkind: ModelServer\n"
        "metadata: {name: s}\nspec: {workloadPort: {port: 99999}}\n");
  rescan(set);
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1", "b@10.0.0.2")) << "an object that is no good";
  write("c.yaml", "]");
  rescan(set);
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1", "b@10.0.0.2"));
  write("a.yaml", pod("a", "10.0.0.7"));
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.7", "b@10.0.0.2"));
}

TEST_F(ManifestDirectory, AFileThatBecomesReadableIsRead) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "nothing is unreadable for root";
  }
  write("a.yaml", pod("a"));
  ::chmod((directory_ + "/a.yaml").c_str(), 0);
  ManifestSet set(directory_);
  rescan(set);
  EXPECT_THAT(pods(set), IsEmpty());
  ::chmod((directory_ + "/a.yaml").c_str(), 0644);
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1"));
}

TEST_F(ManifestDirectory, OfAnObjectInTwoFilesTheFirstCounts) {
  write("a.yaml", pod("p", "10.0.0.1"));
  write("b.yaml", pod("p", "10.0.0.2") + pod("q"));
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("p@10.0.0.1", "q@10.0.0.1"));
  fs::remove(directory_ + "/a.yaml");
  EXPECT_TRUE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("p@10.0.0.2", "q@10.0.0.1"));
}

TEST_F(ManifestDirectory, ADirectoryThatIsNotThereIsAnErrorAndKeepsWhatIsKnown) {
  write("a.yaml", pod("a"));
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  fs::rename(directory_, directory_ + "-gone");
  const auto gone = set.rescan();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code(), ErrorCode::NotFound);
  EXPECT_TRUE(gone.error().message().contains(directory_)) << gone.error().message();
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1"));
  fs::rename(directory_ + "-gone", directory_);
  EXPECT_FALSE(rescan(set));
}

TEST_F(ManifestDirectory, ADirectoryThatBreaksOffKeepsWhatIsKnown) {
  write("a.yaml", pod("a"));
  write("b.yaml", pod("b"));
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  for (const int readable : {0, 1, 2, 3}) {  // of a.yaml, b.yaml, "." and "..", in any order
    entries_until_error = readable;
    const auto broken = set.rescan();
    entries_until_error = -1;
    ASSERT_FALSE(broken) << readable;
    EXPECT_TRUE(broken.error().message().contains(directory_ + ": Input/output error"))
        << broken.error().message();
    EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.1", "b@10.0.0.1")) << readable;
  }
  EXPECT_FALSE(rescan(set));
}

TEST_F(ManifestDirectory, AFileOverTheLimitKeepsWhatItSaidAndTheErrorNamesTheLimit) {
  write("a.yaml", pod("a"));
  ManifestSet set(directory_);
  EXPECT_TRUE(rescan(set));
  const std::string small = pod("a", "10.0.0.2") + "#";
  write("a.yaml", small + std::string((16 << 20) - small.size(), 'x'));
  EXPECT_TRUE(rescan(set)) << "as much as may be";
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.2"));
  write("a.yaml", pod("a", "10.0.0.3") + "#" + std::string(16 << 20, 'x'));
  const log::testing::CapturedLog logged;
  EXPECT_FALSE(rescan(set));
  EXPECT_THAT(pods(set), ElementsAre("a@10.0.0.2"));
  EXPECT_EQ(logged.count("limit=16777216"), 1U);
  EXPECT_EQ(logged.count("file=" + directory_ + "/a.yaml"), 1U);
}

TEST_F(ManifestDirectory, TheWatchTellsOfEachWayToChange) {
  auto loop = *async::EpollLoop::create();
  async::Event changed;
  const auto watch = *DirectoryWatch::create(*loop, directory_, [&] { changed.set(); });
  // Well under the time after which the directory is read without being told.
  const auto told = [&](auto change) {
    const auto wait = [](async::Event& event) -> async::Task<bool> {
      const async::DeadlineScope limit(co_await async::this_task(), 3s);
      co_return (co_await event.wait()).has_value();
    };
    changed.reset();
    change();
    return run_until_done(*loop, wait(changed));
  };
  EXPECT_TRUE(told([&] { write("a.yaml", pod("a")); }));
  EXPECT_TRUE(told([&] { write("a.yaml", pod("b")); }));
  EXPECT_TRUE(told([&] { replace("a.yaml", pod("c")); }));
  EXPECT_TRUE(told([&] { fs::create_symlink("x", directory_ + "/..data"); }));
  EXPECT_TRUE(told([&] { fs::remove(directory_ + "/a.yaml"); }));
}

TEST_F(ManifestDirectory, AWatchOfNothingIsAnError) {
  auto loop = *async::EpollLoop::create();
  const auto watch = DirectoryWatch::create(*loop, directory_ + "/nowhere", [] {});
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace kthena::router
