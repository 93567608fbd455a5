#include "async/io_source.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/testing/loops.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

class IoSourceTest : public ::testing::Test {
 protected:
  IoSourceTest() {
    source_.clear_readable();
    source_.clear_writable();
  }
  SimulatedLoop loop_;
  IoSource source_{loop_};
};

Task<void> wait_and_note(IoSource& source, Interest interest, std::string& seen, char name) {
  const auto result = co_await wait_io(source, interest);
  seen += result ? name : 'x';
}

TEST_F(IoSourceTest, WakesTheOneWhoWaitsForIt) {
  std::string seen;
  TaskScope scope(loop_);
  scope.spawn(wait_and_note(source_, Interest::Read, seen, 'r'));
  scope.spawn(wait_and_note(source_, Interest::Write, seen, 'w'));
  loop_.run_ready();
  source_.notify({.writable = true});
  loop_.run_ready();
  EXPECT_EQ(seen, "w");
  source_.notify({.readable = true});
  loop_.run_ready();
  EXPECT_EQ(seen, "wr");
  EXPECT_TRUE(source_.readable() && source_.writable() && !source_.hung_up());
}

TEST_F(IoSourceTest, OneWaiterForBothIsWokenOnce) {
  for (const IoEvents events : {IoEvents{.readable = true}, IoEvents{.writable = true},
                                IoEvents{.readable = true, .writable = true}}) {
    source_.clear_readable();
    source_.clear_writable();
    std::string seen;
    TaskScope scope(loop_);
    scope.spawn(wait_and_note(source_, Interest::Both, seen, 'b'));
    loop_.run_ready();
    source_.notify(events);
    source_.notify({.readable = true, .writable = true});
    loop_.run_ready();
    EXPECT_EQ(seen, "b");
  }
}

TEST_F(IoSourceTest, HangingUpWakesReaderAndWriter) {
  std::string seen;
  TaskScope scope(loop_);
  scope.spawn(wait_and_note(source_, Interest::Read, seen, 'r'));
  scope.spawn(wait_and_note(source_, Interest::Write, seen, 'w'));
  loop_.run_ready();
  source_.notify({.hung_up = true});
  loop_.run_ready();
  EXPECT_EQ(seen, "rw");
  EXPECT_TRUE(source_.hung_up());
}

TEST_F(IoSourceTest, ACancelledWaiterIsForgotten) {
  std::string seen;
  TaskScope scope(loop_);
  scope.spawn(wait_and_note(source_, Interest::Both, seen, 'b'));
  loop_.run_ready();
  scope.cancel();
  source_.notify({.readable = true, .writable = true});
  loop_.run_ready();
  EXPECT_EQ(seen, "x");
  // The places are free again.
  source_.clear_readable();
  TaskScope other(loop_);
  other.spawn(wait_and_note(source_, Interest::Read, seen, 'r'));
  loop_.run_ready();
  source_.notify({.readable = true});
  loop_.run_ready();
  EXPECT_EQ(seen, "xr");
}

TEST_F(IoSourceTest, AnEventBeforeTheCancellationCounts) {
  std::string seen;
  TaskScope scope(loop_);
  scope.spawn(wait_and_note(source_, Interest::Read, seen, 'r'));
  loop_.run_ready();
  source_.notify({.readable = true});
  scope.cancel();
  loop_.run_ready();
  EXPECT_EQ(seen, "r");
}

using IoSourceDeathTest = IoSourceTest;
TEST_F(IoSourceDeathTest, TwoReadersAreABug) {
  EXPECT_DEATH(
      {
        std::string seen;
        TaskScope scope(loop_);
        scope.spawn(wait_and_note(source_, Interest::Read, seen, 'a'));
        scope.spawn(wait_and_note(source_, Interest::Read, seen, 'b'));
        loop_.run_ready();
      },
      "reader_");
}

/// Owns a source and destroys it when told of an event, as a server does with a connection.
struct Owner final : IoObserver {
  explicit Owner(Loop& loop) : source(std::make_unique<IoSource>(loop)) {
    source->set_observer(this);
  }
  void on_io() noexcept override {
    ++calls;
    if (destroy) {
      source.reset();
    }
  }
  std::unique_ptr<IoSource> source;
  int calls = 0;
  bool destroy = false;
};
TEST_F(IoSourceTest, AnObserverIsToldOnceATurnAndMayDestroyTheSource) {
  Owner owner(loop_);
  owner.source->notify({.readable = true});
  owner.source->notify({.readable = true});
  owner.source->notify({.writable = true});
  EXPECT_EQ(owner.calls, 0);
  loop_.run_ready();
  EXPECT_EQ(owner.calls, 1);
  owner.destroy = true;
  owner.source->notify({.hung_up = true});
  loop_.run_ready();
  EXPECT_EQ(owner.calls, 2);
  EXPECT_EQ(owner.source, nullptr);
}
TEST_F(IoSourceTest, ASourceDestroyedBeforeItsObserverIsToldTellsNothing) {
  Owner owner(loop_);
  owner.source->notify({.readable = true});
  owner.source.reset();
  loop_.run_ready();
  EXPECT_EQ(owner.calls, 0);
}

/// Two ends of a socket on the epoll loop: edges of the kernel, not of the test.
class SocketPair {
 public:
  explicit SocketPair(EpollLoop& loop) : loop_(loop), source_(loop) {
    CHECK_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_.data()), 0);
    source_.clear_readable();
    source_.clear_writable();
    CHECK(loop_.watch(ends_[0], source_));
  }
  ~SocketPair() {
    loop_.unwatch(ends_[0]);
    ::close(ends_[0]);
    close_peer();
  }
  IoSource& source() { return source_; }
  void send_from_peer(std::string_view text) {
    CHECK_EQ(::send(ends_[1], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  void close_peer() {
    if (ends_[1] >= 0) {
      ::close(std::exchange(ends_[1], -1));
    }
  }
  /// Reads `size` bytes and clears the flag as a stream does.
  std::string read(std::size_t size) {
    std::string text(size, '\0');
    const ssize_t got = ::recv(ends_[0], text.data(), size, 0);
    if (got < static_cast<ssize_t>(size)) {
      source_.clear_readable();
    }
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

 private:
  EpollLoop& loop_;
  IoSource source_;
  std::array<int, 2> ends_{};
};

Task<std::string> read_three_times(SocketPair& pair) {
  std::string seen;
  CHECK(co_await wait_io(pair.source(), Interest::Write));  // at once: there is room
  for (const std::string_view text : {"one", "two", "three"}) {
    CHECK(!pair.source().readable());
    pair.send_from_peer(text);
    CHECK(co_await wait_io(pair.source(), Interest::Read));
    seen += pair.read(100) + " ";
  }
  pair.close_peer();
  CHECK(co_await wait_io(pair.source(), Interest::Read));
  CHECK(pair.source().hung_up());
  co_return seen;
}
TEST(EpollLoop, ReportsEachEdge) {
  const auto loop = *EpollLoop::create();
  SocketPair pair(*loop);
  EXPECT_EQ(run_until_done(*loop, read_three_times(pair)), "one two three ");
}

TEST(EpollLoop, ReportsWhatWasThereBeforeItWatched) {
  const auto loop = *EpollLoop::create();
  SocketPair pair(*loop);
  pair.send_from_peer("early");
  pair.close_peer();
  const auto wait = [](SocketPair& waited) -> Task<void> {
    CHECK(co_await wait_io(waited.source(), Interest::Read));
  };
  run_until_done(*loop, wait(pair));
  EXPECT_EQ(pair.read(5), "early");
  EXPECT_TRUE(pair.source().hung_up());
}

TEST(EpollLoop, TellsWhenADescriptorCannotBeWatched) {
  const auto loop = *EpollLoop::create();
  IoSource source(*loop);
  EXPECT_EQ(loop->watch(-1, source).error(),
            Error(ErrorCode::Internal, "epoll_ctl: Bad file descriptor"));
}

}  // namespace
}  // namespace kthena::async
