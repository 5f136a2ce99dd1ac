package dev.maestro.providers.acp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.maestro.providers.Rights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which uses of tools the rights of a launch cover, and which a rule or a person has to allow. */
class AcpLaunchTest {

  @TempDir Path outside;
  private Path workspace;

  @BeforeEach
  void makeFiles() throws IOException {
    workspace = Files.createDirectories(outside.resolve("workspace"));
    Files.writeString(workspace.resolve("in.txt"), "in");
    Files.writeString(outside.resolve("out.txt"), "out");
    Files.createSymbolicLink(workspace.resolve("leads-out"), outside);
    Files.createSymbolicLink(workspace.resolve("leads-nowhere"), outside.resolve("no/where"));
  }

  private boolean grants(Rights rights, String toolCall) throws IOException {
    ToolCall call = new ToolCall("t");
    call.learn(
        new JsonMapper().readTree(toolCall.replace('\'', '"').replace("OUT", outside.toString())));
    Optional<String> none = Optional.empty();
    return new AcpLaunch(workspace, none, none, none, "do it", rights, true, Counting.UNKNOWN)
        .grants(call);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'kind':'read','locations':[{'path':'in.txt'}]}
          {'kind':'read','locations':[{'path':'OUT/workspace/in.txt'}]}
          {'kind':'read','locations':[{'path':'not/yet/there.txt'}]}
          {'kind':'read','rawInput':{'file_path':'OUT/workspace/in.txt'}}
          {'kind':'read','rawInput':{'filePath':'in.txt','offset':1}}
          {'kind':'read','rawInput':{'paths':['in.txt','sub/../in.txt']}}
          {'kind':'search','rawInput':{'pattern':'limit','path':'.'}}
          {'kind':'search','rawInput':{'pattern':'limit','path':'OUT/workspace'}}
          {'kind':'search','locations':[{'path':'in.txt'}],'rawInput':{'pattern':'limit'}}
          """)
  void readingIsCoveredWhereAllThatIsNamedIsInside(String toolCall) throws IOException {
    assertThat(grants(Rights.READ, toolCall)).isTrue();
    assertThat(grants(Rights.EDIT, toolCall)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'kind':'read'}
          {'kind':'read','locations':[]}
          {'kind':'read','locations':[{'path':' '}]}
          {'kind':'read','title':'Read in.txt'}
          {'kind':'read','rawInput':{'what':'in.txt'}}
          {'kind':'read','rawInput':'in.txt'}
          {'kind':'read','locations':[{'path':'OUT/out.txt'}]}
          {'kind':'read','locations':[{'path':'../out.txt'}]}
          {'kind':'read','locations':[{'path':'leads-out/out.txt'}]}
          {'kind':'read','locations':[{'path':'leads-nowhere'}]}
          {'kind':'read','locations':[{'path':'~/.ssh/config'}]}
          {'kind':'read','locations':[{'path':'file:///etc/hosts'}]}
          {'kind':'read','locations':[{'path':'in.txt'},{'path':'OUT/out.txt'}]}
          {'kind':'read','locations':[{'path':'in.txt'}],'rawInput':{'file_path':'OUT/out.txt'}}
          {'kind':'read','rawInput':{'paths':['in.txt','../out.txt']}}
          {'kind':'search'}
          {'kind':'search','rawInput':{'pattern':'password'}}
          {'kind':'search','rawInput':{'pattern':'password','path':'/'}}
          {'kind':'search','rawInput':{'pattern':'password','path':'..'}}
          {'kind':'search','locations':[{'path':'in.txt'}],'rawInput':{'path':'..'}}
          """)
  void readingIsNotCoveredWhereItDoesNotSayWhatOrLeadsOut(String toolCall) throws IOException {
    assertThat(grants(Rights.READ, toolCall)).isFalse();
    assertThat(grants(Rights.EDIT, toolCall)).isFalse();
    assertThat(grants(Rights.ALL, toolCall)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    ".git/hooks/pre-commit",
    ".git",
    "sub/.GIT/config",
    ".maestro/store/log",
    "in/../.git/x"
  })
  void whatGitAndMaestroKeepIsNoFileOfTheWorkspace(String path) throws IOException {
    String edit = "{'kind':'edit','locations':[{'path':'" + path + "'}]}";

    assertThat(grants(Rights.EDIT, edit)).isFalse();
    assertThat(grants(Rights.EDIT, edit.replace("edit", "read"))).isFalse();
    assertThat(grants(Rights.ALL, edit)).isTrue();
    assertThat(grants(Rights.EDIT, "{'kind':'edit','locations':[{'path':'.gitignore'}]}")).isTrue();
  }

  @Test
  void whoMayReadMayNotWriteAndWhoMayWriteWritesInsideOnly() throws IOException {
    String inside = "{'kind':'edit','locations':[{'path':'in.txt'}]}";
    String outside = "{'kind':'edit','locations':[{'path':'OUT/out.txt'}]}";
    String elsewhere =
        "{'kind':'edit','locations':[{'path':'in.txt'}],'rawInput':{'file_path':'OUT/out.txt'}}";
    String somewhere = "{'kind':'delete'}";

    assertThat(grants(Rights.READ, inside)).isFalse();
    assertThat(grants(Rights.EDIT, inside)).isTrue();
    assertThat(grants(Rights.EDIT, outside)).isFalse();
    assertThat(grants(Rights.EDIT, elsewhere)).isFalse();
    assertThat(grants(Rights.EDIT, somewhere)).isFalse();
    assertThat(grants(Rights.ALL, somewhere)).isTrue();
  }

  @Test
  void whatHasNoNameIsCoveredByAllRightsOnly() throws IOException {
    for (String kind : new String[] {"execute", "fetch", "switch_mode", "other", ""}) {
      String call = "{'kind':'" + kind + "','locations':[{'path':'in.txt'}]}";
      assertThat(grants(Rights.EDIT, call)).as(kind).isFalse();
      assertThat(grants(Rights.ALL, call)).as(kind).isTrue();
    }
    assertThat(grants(Rights.READ, "{'kind':'think'}")).isTrue();
  }
}
