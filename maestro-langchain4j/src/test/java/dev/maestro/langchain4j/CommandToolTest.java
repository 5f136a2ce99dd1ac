package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(300)
class CommandToolTest {

  private static final CommandTool TOOL =
      new CommandTool(Set.of("sh"), Set.of(), Duration.ofSeconds(30));

  @TempDir Path directory;

  private Tool.Outcome run(CommandTool tool, String... words) throws Exception {
    try (Desks desks = new Desks(directory, 1_000)) {
      return desks.use(tool, Map.of("command", List.of(words)));
    }
  }

  @Test
  void showsWhatAProgramWritesAndHowItEnds() throws Exception {
    Tool.Outcome well = run(TOOL, "sh", "-c", "pwd; echo '$HOME *'");
    Tool.Outcome badly = run(TOOL, "sh", "-c", "echo no >&2; exit 3");

    assertThat(well)
        .isEqualTo(Tool.Outcome.done("exit code 0\n" + directory.toRealPath() + "\n$HOME *\n"));
    assertThat(badly).isEqualTo(Tool.Outcome.failed("exit code 3\nno\n"));
  }

  @Test
  void seesNoMoreOfTheHostThanItIsGiven() throws Exception {
    Tool.Outcome outcome = run(TOOL, "env");

    assertThat(outcome.text()).contains("MAESTRO_TASK_ID=task").contains("PATH=");
    System.getenv().keySet().stream()
        .filter(name -> !name.matches("PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|TERM"))
        .filter(name -> !name.matches("JAVA_HOME|XDG_.*|MAESTRO_.*|_|PWD|SHLVL|OLDPWD"))
        .forEach(name -> assertThat(outcome.text()).doesNotContain("\n" + name + "="));
  }

  @Test
  void isEndedWhenItTakesTooLong() throws Exception {
    String text = "";
    // on a busy machine the program may not have come to its first word yet
    for (Duration limit = Duration.ofMillis(200);
        !text.endsWith("here\n");
        limit = limit.multipliedBy(3)) {
      CommandTool quick = new CommandTool(Set.of(), Set.of(), limit);

      Tool.Outcome outcome = run(quick, "sh", "-c", "echo here; sleep 1000");

      assertThat(outcome.ok()).isFalse();
      text = outcome.text();
      assertThat(text).startsWith("ended because it took longer than " + limit + "\n");
    }
  }

  @Test
  void saysSoWhenThereIsNoSuchProgramOrNoCommand() throws Exception {
    assertThat(run(TOOL, "no-such-program-here").text()).contains("no such program");
    assertThat(run(TOOL).text()).contains("a list of words");
    try (Desks desks = new Desks(directory, 1_000)) {
      assertThat(desks.use(TOOL, Map.of("command", "ls -l")).text()).contains("no shell reads it");
    }
  }

  @Test
  void dropsTheMiddleOfWhatIsTooLong() throws Exception {
    Tool.Outcome outcome = run(TOOL, "sh", "-c", "yes 0123456789 | head -n 100000; echo end");

    assertThat(outcome.text()).startsWith("exit code 0\n0123456789\n").endsWith("\nend\n");
    assertThat(outcome.text()).contains("of 1100004 characters left out").hasSizeLessThan(1_200);
  }

  @Test
  void endsWithItsLaunchEvenIfItIgnoresPoliteRequests() throws Exception {
    Path pids = directory.resolve("pids");
    String script =
        "trap '' TERM; sleep 1000 & echo $! > pids.new; echo $$ >> pids.new;"
            + " mv pids.new pids; while :; do sleep 1000; done";
    try (Desks desks = new Desks(directory, 1_000)) {
      FutureTask<Tool.Outcome> use =
          new FutureTask<>(() -> desks.use(TOOL, Map.of("command", List.of("sh", "-c", script))));
      Thread thread = new Thread(use, "launch");
      thread.start();
      while (!Files.exists(pids)) {
        Thread.onSpinWait();
      }

      desks.cancel();

      assertThatThrownBy(use::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(StoppedException.class);
      for (String pid : Files.readAllLines(pids)) {
        assertThat(isAtWork(pid)).isFalse();
      }
    }
  }

  /** {@return whether there is such a process; one that only waits to be buried is none} */
  private static boolean isAtWork(String pid) throws IOException {
    Path stat = Path.of("/proc", pid, "stat");
    if (!Files.isDirectory(Path.of("/proc/self"))) {
      return ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
    }
    try {
      return !Files.readString(stat).matches("(?s).*\\) [ZX] .*");
    } catch (IOException e) {
      // gone while it was read
      return Files.exists(stat);
    }
  }
}
