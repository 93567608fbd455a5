// Writes without end into a database, and says each thing before and after it does it, a line each:
//   state POD VERSION NUMBER     what it found
//   ready
//   try POD NUMBER | try-remove POD NUMBER
//   put POD VERSION NUMBER | removed POD VERSION NUMBER
// storage_kill_test.py kills it and looks whether all that was said is true.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "apiserver/storage/object_store.h"
#include "apiserver/storage/sqlite_journal.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "base/random.h"

namespace kthena::apiserver {
namespace {

constexpr int kWriters = 16;
constexpr std::uint64_t kPods = 40;

/// In one call, so that a line is there as a whole or not at all.
void say(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    std::exit(3);
  }
}

ObjectPath path_of(const std::string& name) {
  return {.resource = "pods", .namespace_name = "default", .name = name};
}

/// Texts of all sizes: some fill several pages.
std::string text_of(std::uint64_t number, Random& random) {
  return std::to_string(number) + " " + std::string(random.uniform(10'000), 'x');
}

async::Task<void> write_for_ever(ObjectStore& store, Random random, std::uint64_t& number) {
  while (true) {
    const std::string name = std::to_string(random.uniform(kPods));
    const std::uint64_t mine = ++number;
    const bool removes = random.uniform(5) == 0;
    const Durability durability = random.uniform(2) == 0 ? Durability::Process : Durability::Power;
    const auto written = co_await store.write(
        path_of(name), Expected::anything(),
        [&](Version, const ObjectPtr& current) -> Result<Edit> {
          if (removes && current) {
            say("try-remove " + name + " " + std::to_string(mine));
            return Edit{.action = Edit::Action::Remove, .text = "gone", .durability = durability};
          }
          say("try " + name + " " + std::to_string(mine));
          return Edit{.action = Edit::Action::Put,
                      .text = text_of(mine, random),
                      .uid = "u",
                      .durability = durability};
        });
    if (!written) {
      say("error " + written.error().to_string());
    } else {
      say((written->action == Edit::Action::Remove ? "removed " : "put ") + name + " " +
          std::to_string(written->object->version) + " " + std::to_string(mine));
    }
  }
}

int run(const std::string& path, std::uint64_t seed) {
  const auto loop = *async::EpollLoop::create();
  const auto journal = SqliteJournal::open(path, {.checkpoint_pages = 100});
  if (!journal) {
    say("error " + journal.error().to_string());
    return 1;
  }
  const auto store = ObjectStore::open(*loop, **journal, {.log_changes = 500});
  if (!store) {
    say("error " + store.error().to_string());
    return 1;
  }
  for (const ObjectPtr& object : (*store)->list({.resource = "pods"})->objects) {
    say("state " + object->path().name + " " + std::to_string(object->version) + " " +
        object->text.substr(0, object->text.find(' ')));
  }
  say("ready");
  Random random(seed);
  std::uint64_t number = seed << 32U;
  async::TaskScope tasks(*loop);
  for (int i = 0; i < kWriters; ++i) {
    tasks.spawn(write_for_ever(**store, random.fork(), number));
  }
  loop->run();  // until it is killed
  return 0;
}

}  // namespace
}  // namespace kthena::apiserver

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  return kthena::apiserver::run(argv[1], std::strtoull(argv[2], nullptr, 10));
}
