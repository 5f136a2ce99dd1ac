package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.Installation;
import dev.maestro.failure.ErrorClass;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentsTest {

  @TempDir Path directory;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private int agents(List<AgentProvider> there, String... args) throws InterruptedException {
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    return new Agents(out, out, there).run(List.of(args));
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void listsWhatIsInstalledAndHowToGetTheRest() throws Exception {
    AgentProvider here =
        ScriptedAgent.named("here").installation(Installation.present("1.2").withSignIn()).build();
    AgentProvider gone =
        ScriptedAgent.named("gone").installation(Installation.missing("npm i -g gone")).build();

    assertThat(agents(List.of(here, gone), "list")).isZero();
    assertThat(said())
        .contains("here         installed 1.2, signed in")
        .contains("gone         not installed\n             npm i -g gone")
        .contains("session resume");
  }

  @Test
  void hasAnAgentDoSomethingAndShowsWhatItDid() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("here").otherwise(Turn.says("made").writes("a.txt", "a")).build();

    int code =
        agents(List.of(agent), "run", "here", "--in", directory.toString(), "make", "{{ it }}");

    assertThat(code).isZero();
    assertThat(agent.launches().get(0).request().prompt()).isEqualTo("make {{ it }}");
    assertThat(directory.resolve("a.txt")).exists();
    assertThat(said()).contains("# by-hand / by-hand, attempt 1", "SUCCEEDED");
  }

  @Test
  void saysWhyAnAgentDidNotDoIt() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("here")
            .otherwise(Turn.failing(ErrorClass.AUTHENTICATION, "log in first"))
            .build();

    int code = agents(List.of(agent), "run", "here", "--in", directory.toString(), "x");

    assertThat(code).isEqualTo(1);
    assertThat(said()).contains("FAILED: log in first");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws Exception {
    assertThat(agents(List.of(), "run", "nobody", "x")).isEqualTo(2);
    assertThat(agents(List.of(), "dance")).isEqualTo(2);
    assertThat(agents(List.of())).isZero();
    assertThat(said())
        .contains("there is no agent nobody", "There are no agents on the class path");
  }
}
