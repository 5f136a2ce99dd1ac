package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Conversation;
import dev.maestro.agent.Conversations;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.agent.Thinking;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every provider does, as tests; extend it for a provider of your own.
 *
 * <p>The subclass makes providers whose launches do certain {@link Errand}s: with a program in the
 * place of the real one, a server in the place of the remote one, a script. What a provider does
 * not declare among its {@link Capability capabilities}, and errands it cannot be sent on, are
 * skipped and said so. Needs JUnit Jupiter and AssertJ on the class path.
 */
@Timeout(300)
@SuppressWarnings("exports") // of JUnit, which is only there for those who extend this
public abstract class AgentProviderContract {

  /** The file that {@link Errand#WRITE} and {@link Errand#ASK} write. */
  public static final String WRITTEN = "written.txt";

  /** The file in which {@link Errand#LEAVE_CHILD} and {@link Errand#STAY} write process ids. */
  public static final String CHILD = "child.pid";

  private static final String PROMPT = "the word is swordfish";
  private static final Cap CENT = Cap.ofUsd("0.01");

  private final Notebook notebook = new Notebook();
  private Path directory;

  /** What a launch does when the contract asks for it. */
  public enum Errand {
    /** Say the prompt, on the way or at the end, and come to an end. */
    REPEAT,
    /** Write {@link AgentProviderContract#WRITTEN} in the request's directory, after the prompt. */
    WRITE,
    /** Fail. */
    FAIL,
    /** Say anything, and go on working until it is stopped. */
    HANG,
    /** Say what the prompt of the resumed session was; only where sessions are declared. */
    REMEMBER,
    /** Ask whether it may use a tool, and write the file only when it may. */
    ASK,
    /** Report usage on the way; only where metering is declared. */
    METER,
    /** Cost a dollar, if nothing stops it before; only where a spending cap is declared. */
    OVERSPEND,
    /** Leave a process behind and end; its id is in {@link AgentProviderContract#CHILD}. */
    LEAVE_CHILD,
    /** As {@link #HANG}, in a process that ignores polite requests; its id is in the file too. */
    STAY
  }

  /** Hold a provider to what every provider does. */
  protected AgentProviderContract() {}

  /** {@return a provider each of whose launches does this; empty where it cannot be made to} */
  protected abstract Optional<AgentProvider> provider(Errand errand);

  @BeforeEach
  final void takeDirectory(@TempDir Path directory) {
    this.directory = directory;
  }

  private AgentProvider on(Errand errand) {
    Optional<AgentProvider> provider = provider(errand);
    Assumptions.assumeTrue(
        provider.isPresent(), () -> "the provider cannot be sent on the errand " + errand);
    return provider.orElseThrow();
  }

  private AgentProvider on(Errand errand, Capability capability) {
    AgentProvider provider = on(errand);
    Assumptions.assumeTrue(
        provider.capabilities().has(capability),
        () -> "the provider does not declare " + capability.label());
    return provider;
  }

  @Test
  final void saysTheSameAboutItselfAtEveryCall() {
    AgentProvider provider = on(Errand.REPEAT);

    assertThat(provider.id()).isEqualTo(provider.id());
    assertThat(provider.capabilities()).isEqualTo(provider.capabilities());
    assertThat(provider.detect()).isEqualTo(provider.detect());
    assertThat(provider.models()).isEqualTo(provider.models());
  }

  @Test
  final void getsThePromptAndComesToOneEndThatSaysTheSameAsTheReply() throws Exception {
    Heard heard = new Heard();

    AgentReply reply = on(Errand.REPEAT).run(request(), heard, Cancellation.never());

    assertThat(reply.problem()).isEmpty();
    assertThat(heard.text() + reply.text()).contains(PROMPT);
    assertThat(heard.ends()).containsExactly(new AgentEvent.Completed(reply.text()));
    assertThat(heard.last()).isEqualTo(heard.ends().get(0));
    assertUsageIsAsReported(heard, reply);
  }

  private static void assertUsageIsAsReported(Heard heard, AgentReply reply) {
    List<Usage> reported = heard.all(AgentEvent.UsageReported.class, e -> e.total());
    if (!reported.isEmpty() && reply.knownUsage().isPresent()) {
      assertThat(reply.knownUsage()).contains(reported.get(reported.size() - 1));
    }
  }

  @Test
  final void worksInTheDirectoryOfTheRequest() throws Exception {
    AgentReply reply = on(Errand.WRITE).run(request(), new Heard(), Cancellation.never());

    assertThat(reply.problem()).isEmpty();
    assertThat(directory.resolve(WRITTEN)).exists();
  }

  @Test
  final void reportsItsLaunchOnceAndFirst() throws Exception {
    Heard heard = new Heard();

    on(Errand.REPEAT, Capability.PROMPT_AFTER_START).run(request(), heard, Cancellation.never());

    assertThat(heard.all(AgentEvent.Launched.class, e -> e)).hasSize(1);
    assertThat(heard.events.get(0)).isInstanceOf(AgentEvent.Launched.class);
  }

  @Test
  final void doesNothingWhenItsLaunchCannotBeRecorded() {
    AgentProvider provider = on(Errand.WRITE, Capability.PROMPT_AFTER_START);
    Heard refusing =
        new Heard(
            event -> {
              throw new IllegalStateException("cannot be recorded");
            });

    assertThatThrownBy(() -> provider.run(request(), refusing, Cancellation.never()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cannot be recorded");
    assertThat(refusing.events).hasSize(1);
    assertThat(directory.resolve(WRITTEN)).doesNotExist();
  }

  @Test
  final void stopsAndPassesOnWhatItsListenerThrows() {
    AgentProvider provider = on(Errand.HANG);
    Heard failing =
        new Heard(
            event -> {
              if (event instanceof AgentEvent.Text) {
                throw new IllegalStateException("no more");
              }
            });

    assertThatThrownBy(() -> provider.run(request(), failing, Cancellation.never()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no more");
  }

  @Test
  final void answersAFailureWithAReplyThatNamesItsKind() throws Exception {
    Heard heard = new Heard();

    AgentReply reply = on(Errand.FAIL).run(request(), heard, Cancellation.never());

    Failure failure = reply.problem().orElseThrow();
    assertThat(failure.errorClass()).isNotEqualTo(ErrorClass.CANCELLED);
    assertThat(failure.message()).isNotBlank();
    assertThat(heard.ends()).containsExactly(new AgentEvent.Failed(failure));
    assertThat(heard.last()).isEqualTo(heard.ends().get(0));
  }

  @Test
  final void doesNothingWhenItIsCancelledBefore() throws Exception {
    CancellationSource cancellation = new CancellationSource();
    cancellation.cancel(Cancellation.Mode.GRACEFUL);

    AgentReply reply = on(Errand.WRITE).run(request(), new Heard(), cancellation);

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.CANCELLED);
    assertThat(directory.resolve(WRITTEN)).doesNotExist();
  }

  @Test
  final void stopsWhenItIsCancelledGracefully() throws Exception {
    stopsWhenCancelled(Errand.HANG, Cancellation.Mode.GRACEFUL);
  }

  @Test
  final void stopsWhenItIsCancelledInAnEmergency() throws Exception {
    stopsWhenCancelled(Errand.HANG, Cancellation.Mode.EMERGENCY);
  }

  @Test
  final void endsAProcessThatIgnoresAGracefulCancel() throws Exception {
    stopsWhenCancelled(Errand.STAY, Cancellation.Mode.GRACEFUL);
    assertNoneIsLeft();
  }

  @Test
  final void endsAProcessThatIgnoresAnEmergency() throws Exception {
    stopsWhenCancelled(Errand.STAY, Cancellation.Mode.EMERGENCY);
    assertNoneIsLeft();
  }

  private void stopsWhenCancelled(Errand errand, Cancellation.Mode mode) throws Exception {
    AgentProvider provider = on(errand);
    CancellationSource cancellation = new CancellationSource();
    Launched launch = new Launched(provider, request(), cancellation);
    launch.awaitWord();

    cancellation.cancel(mode);

    AgentReply reply = launch.reply();
    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.CANCELLED);
    assertThat(launch.heard.ends())
        .containsExactly(new AgentEvent.Failed(reply.problem().orElseThrow()));
  }

  @Test
  final void stopsWhenItsThreadIsInterrupted() throws Exception {
    Launched launch = new Launched(on(Errand.HANG), request(), Cancellation.never());
    launch.awaitWord();

    launch.thread.interrupt();

    assertThatThrownBy(launch::reply).isInstanceOf(InterruptedException.class);
  }

  @Test
  final void carriesOutTwoLaunchesAtOnceAndStopsOnlyTheOneThatIsCancelled() throws Exception {
    AgentProvider provider = on(Errand.HANG);
    CancellationSource first = new CancellationSource();
    CancellationSource second = new CancellationSource();
    Launched one = new Launched(provider, request(), first);
    Launched other = new Launched(provider, request(), second);
    one.awaitWord();
    other.awaitWord();

    first.cancel(Cancellation.Mode.EMERGENCY);

    assertThat(one.reply().isCompleted()).isFalse();
    assertThat(other.thread.isAlive()).isTrue();
    assertThat(other.heard.ends()).isEmpty();
    second.cancel(Cancellation.Mode.EMERGENCY);
    assertThat(other.reply().isCompleted()).isFalse();
  }

  @Test
  final void resumesASessionByTheIdItReported() throws Exception {
    AgentProvider provider = on(Errand.REMEMBER, Capability.SESSIONS);
    Heard first = new Heard();
    SessionId session =
        provider
            .run(request(PROMPT, 1, null), first, Cancellation.never())
            .knownSession()
            .orElseThrow();
    Heard second = new Heard();

    AgentReply reply =
        provider.run(request("what was the word?", 2, session), second, Cancellation.never());

    assertThat(first.all(AgentEvent.SessionStarted.class, e -> e.session())).contains(session);
    assertThat(second.text() + reply.text()).contains("swordfish");
    assertThat(reply.knownSession()).isPresent();
  }

  @Test
  final void resumesASessionThatWasKeptForItAfterARestart() throws Exception {
    AgentProvider provider = on(Errand.REMEMBER, Capability.SESSIONS);
    SessionId session =
        provider
            .run(request(PROMPT, 1, null), new Heard(), Cancellation.never())
            .knownSession()
            .orElseThrow();
    Assumptions.assumeFalse(
        notebook.kept.isEmpty(),
        "the provider keeps its sessions itself, and is not restarted here");
    Heard heard = new Heard();

    AgentReply reply =
        on(Errand.REMEMBER)
            .run(request("what was the word?", 2, session), heard, Cancellation.never());

    assertThat(heard.text() + reply.text()).contains("swordfish");
  }

  @Test
  final void failsOrBeginsAnewWhereASessionIsNotThere() throws Exception {
    AgentProvider provider = on(Errand.REMEMBER, Capability.SESSIONS);
    Heard heard = new Heard();

    AgentReply reply =
        provider.run(
            request("what was the word?", 2, SessionId.of("11111111-1111-4111-8111-111111111111")),
            heard,
            Cancellation.never());

    assertThat(heard.ends()).hasSize(1);
    reply.problem().ifPresent(failure -> assertThat(failure.message()).isNotBlank());
  }

  @Test
  final void usesAToolThatItIsAllowed() throws Exception {
    AgentProvider provider = on(Errand.ASK, Capability.PERMISSIONS);
    Heard allowing = new Heard(event -> {}, PermissionDecision.allow());

    provider.run(request(), allowing, Cancellation.never());

    assertThat(allowing.asked).hasSize(1);
    assertThat(directory.resolve(WRITTEN)).exists();
  }

  @Test
  final void usesNoToolThatItIsDenied() throws Exception {
    AgentProvider provider = on(Errand.ASK, Capability.PERMISSIONS);
    Heard denying = new Heard(event -> {}, PermissionDecision.deny("not today"));

    provider.run(request(), denying, Cancellation.never());

    assertThat(denying.asked).hasSize(1);
    assertThat(directory.resolve(WRITTEN)).doesNotExist();
  }

  @Test
  final void reportsUsageBeforeItsEnd() throws Exception {
    AgentProvider provider = on(Errand.METER, Capability.METERS);
    Heard heard = new Heard();

    AgentReply reply = provider.run(request(), heard, Cancellation.never());

    assertThat(heard.all(AgentEvent.UsageReported.class, e -> e.total())).isNotEmpty();
    assertThat(reply.knownUsage()).isPresent();
    assertUsageIsAsReported(heard, reply);
  }

  @Test
  final void stopsAtTheCapOfTheRequest() throws Exception {
    AgentProvider provider = on(Errand.OVERSPEND, Capability.CAPS_SPEND);
    Heard heard = new Heard();

    AgentReply reply = provider.run(request(CENT), heard, Cancellation.never());

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.BUDGET_EXCEEDED);
    assertThat(heard.ends()).containsExactly(new AgentEvent.Failed(reply.problem().orElseThrow()));
  }

  @Test
  final void tellsNoContextThatIsFullerThanItsWindow() throws Exception {
    Heard heard = new Heard();

    on(Errand.REPEAT).run(request(), heard, Cancellation.never());

    assertThat(heard.all(AgentEvent.ContextFilled.class, e -> e))
        .allMatch(filled -> filled.window() == null || filled.used() <= filled.window());
  }

  @Test
  final void takesImages() {
    skip(Capability.VISION);
  }

  @Test
  final void thinksAsHardAsItIsTold() throws Exception {
    AgentProvider provider = on(Errand.REPEAT, Capability.THINKING);

    for (Thinking level : Thinking.values()) {
      AgentReply reply = provider.run(request().thinking(level), new Heard(), Cancellation.never());

      assertThat(reply.problem()).as("thinking " + level.label()).isEmpty();
    }
  }

  @Test
  final void usesMcpServers() {
    skip(Capability.MCP);
  }

  /** Say so where a provider declares what no request can ask of it yet. */
  private void skip(Capability capability) {
    on(Errand.REPEAT, capability);
    Assumptions.abort("the provider declares " + capability.label() + ", which is not tried here");
  }

  @Test
  final void leavesNoProcessBehind() throws Exception {
    on(Errand.LEAVE_CHILD).run(request(), new Heard(), Cancellation.never());

    assertNoneIsLeft();
  }

  @Test
  final void itsProcessCarriesTheMarkerOfTheRequest() throws Exception {
    AgentProvider provider = on(Errand.LEAVE_CHILD);
    Heard heard = new Heard();
    AgentRequest marked = request(PROMPT, 1, null, "0123456789abcdef");

    provider.run(marked, heard, Cancellation.never());

    List<@Nullable ProcessIdentity> started =
        heard.all(AgentEvent.Launched.class, AgentEvent.Launched::process);
    assertThat(started)
        .singleElement()
        .satisfies(process -> assertThat(process.marker()).startsWith("0123456789abcdef"));
  }

  @Test
  final void leavesNoThreadBehind() throws Exception {
    AgentProvider provider = on(Errand.REPEAT);
    // what is made once and kept
    provider.run(request(), new Heard(), Cancellation.never());
    Set<Thread> before = threads();

    for (int i = 0; i < 3; i++) {
      provider.run(request(), new Heard(), Cancellation.never());
    }

    Set<Thread> left = new HashSet<>(threads());
    left.removeAll(before);
    for (Thread thread : left) {
      thread.join(120_000);
    }
    assertThat(left).noneMatch(Thread::isAlive);
  }

  /** The platform keeps threads of its own for child processes, futures and virtual threads. */
  private static final Set<String> OF_THE_PLATFORM =
      Set.of("system", "InnocuousThreadGroup", "CarrierThreads");

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(AgentProviderContract::isOfTheApplication)
        .filter(thread -> !thread.getName().startsWith("ForkJoinPool.commonPool"))
        .collect(Collectors.toSet());
  }

  private static boolean isOfTheApplication(Thread thread) {
    // asked once: a thread that ends meanwhile is in no group any more
    ThreadGroup group = thread.getThreadGroup();
    return group != null && !OF_THE_PLATFORM.contains(group.getName());
  }

  private void assertNoneIsLeft() throws IOException {
    List<String> pids = Files.readAllLines(directory.resolve(CHILD));
    assertThat(pids).isNotEmpty();
    for (String pid : pids) {
      assertThat(isAtWork(Long.parseLong(pid.strip()))).as("process %s is at work", pid).isFalse();
    }
  }

  /** {@return whether there is such a process; one that only waits to be buried is none} */
  private static boolean isAtWork(long pid) throws IOException {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    if (!Files.isDirectory(Path.of("/proc/self"))) {
      return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
    try {
      return !Files.readString(stat).matches("(?s).*\\) [ZX] .*");
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      // the process ended between opening and reading
      return Files.exists(stat);
    }
  }

  private AgentRequest request(Cap cap) {
    return request().cap(cap);
  }

  private AgentRequest request() {
    return request(PROMPT, 1, null);
  }

  private AgentRequest request(String prompt, int attempt, @Nullable SessionId session) {
    return request(prompt, attempt, session, null);
  }

  private AgentRequest request(
      String prompt, int attempt, @Nullable SessionId session, @Nullable String marker) {
    AttemptId id =
        new AttemptId(new RunKey(Tenant.DEFAULT, RunId.of("run-1")), TaskId.of("task"), attempt);
    return AgentRequest.of(id, "engineer", prompt, directory)
        .session(session)
        .processMarker(marker)
        .conversations(notebook);
  }

  /** Keeps conversations as long as the test lasts. */
  private static final class Notebook implements Conversations {

    private final Map<SessionId, Conversation> kept = new ConcurrentHashMap<>();

    @Override
    public Optional<Conversation> find(SessionId session) {
      return Optional.ofNullable(kept.get(session));
    }

    @Override
    public void keep(Conversation conversation) {
      kept.put(conversation.session(), conversation);
    }
  }

  /** Remembers what it hears, and may do something about it. */
  private static final class Heard implements AgentListener {

    private final List<AgentEvent> events = new CopyOnWriteArrayList<>();
    private final List<PermissionRequest> asked = new CopyOnWriteArrayList<>();
    private final Consumer<AgentEvent> action;
    // null: nobody has anything to say, so that what was granted is allowed
    private final @Nullable PermissionDecision decision;

    Heard() {
      this(event -> {});
    }

    Heard(Consumer<AgentEvent> action) {
      this(action, null);
    }

    Heard(Consumer<AgentEvent> action, @Nullable PermissionDecision decision) {
      this.action = action;
      this.decision = decision;
    }

    @Override
    public void on(AgentEvent event) {
      events.add(event);
      action.accept(event);
    }

    @Override
    public PermissionDecision permit(PermissionRequest request) {
      asked.add(request);
      return decision == null ? AgentListener.super.permit(request) : decision;
    }

    <E extends AgentEvent, T extends @Nullable Object> List<T> all(
        Class<E> type, java.util.function.Function<E, T> part) {
      return events.stream().filter(type::isInstance).map(type::cast).map(part).toList();
    }

    String text() {
      return String.join("", all(AgentEvent.Text.class, AgentEvent.Text::text));
    }

    List<AgentEvent> ends() {
      return events.stream()
          .filter(e -> e instanceof AgentEvent.Completed || e instanceof AgentEvent.Failed)
          .toList();
    }

    AgentEvent last() {
      return events.get(events.size() - 1);
    }
  }

  /** A launch on a thread of its own. */
  private static final class Launched {

    private final CountDownLatch spoken = new CountDownLatch(1);
    private final Heard heard =
        new Heard(
            event -> {
              if (event instanceof AgentEvent.Text) {
                spoken.countDown();
              }
            });
    private final FutureTask<AgentReply> launch;
    private final Thread thread;

    Launched(AgentProvider provider, AgentRequest request, Cancellation cancellation) {
      Callable<AgentReply> work = () -> provider.run(request, heard, cancellation);
      launch =
          new FutureTask<>(work) {
            @Override
            protected void done() {
              // whoever waits for a word has nothing to wait for any more
              spoken.countDown();
            }
          };
      thread = new Thread(launch, "launch");
      thread.setDaemon(true);
      thread.start();
    }

    void awaitWord() throws Exception {
      spoken.await();
      if (heard.text().isEmpty()) {
        throw new AssertionError("the launch came to an end without a word: " + reply());
      }
    }

    AgentReply reply() throws Exception {
      try {
        return launch.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Exception cause) {
          throw cause;
        }
        throw e;
      } finally {
        thread.join();
      }
    }
  }
}
