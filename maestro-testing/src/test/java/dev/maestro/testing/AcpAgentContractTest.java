package dev.maestro.testing;

import dev.maestro.agent.AgentProvider;
import dev.maestro.providers.acp.QwenAcp;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * An agent that speaks the Agent Client Protocol does what every provider does, with a script in
 * the place of its program: it is greeted, given a session and a mode, and asked for one turn.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class AcpAgentContractTest extends AgentProviderContract {

  private static final HurriedTime TIME = new HurriedTime();

  private static final String HEAD =
      """
      session=new-1; resumed=
      reply() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\\n' "$1" "$2"; }
      chunk() {
        printf '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"%s","update":' "$session"
        printf '{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"%s"}' "$1"
        printf '%s}}}\\n' "$2"
      }
      say() { chunk "$1" ''; }
      end() { reply 4 '{"stopReason":"end_turn"}'; cat > /dev/null; exit 0; }
      field() { rest=${line#*'"'"$1"'":"'}; printf %s "${rest%%'"'*}"; }
      echo 'a line that is no message'
      read -r line || exit 1
      reply 1 '{"protocolVersion":1,"agentCapabilities":{"loadSession":true}}'
      read -r line || exit 1
      case "$line" in
        *session/load*) session=$(field sessionId); resumed=yes; reply 2 '{}';;
        *) reply 2 '{"sessionId":"'"$session"'"}';;
      esac
      read -r line || exit 1
      reply 3 '{}'
      read -r line || exit 1
      prompt=$(field text)
      """;

  private static final String METER =
      """
      chunk '' ',"_meta":{"usage":{"inputTokens":10,"outputTokens":2,"cachedReadTokens":4}}'
      end
      """;

  private static final String ASK =
      """
      printf '{"jsonrpc":"2.0","id":0,"method":"session/request_permission","params":{"sessionId":"%%s",' "$session"
      printf '"toolCall":{"toolCallId":"t","kind":"edit","title":"write","rawInput":{"path":"%1$s"}},'
      printf '"options":[{"optionId":"yes","kind":"allow_once"},{"optionId":"no","kind":"reject_once"}]}}\\n'
      read -r line
      case "$line" in *'"yes"'*) echo x > %1$s; say done;; esac
      end
      """
          .formatted(WRITTEN);

  @AfterAll
  static void closeTime() {
    TIME.close();
  }

  @Override
  protected Optional<AgentProvider> provider(Errand errand) {
    return work(errand)
        .map(
            work -> QwenAcp.builder().program("sh", "-c", HEAD + work, "agent").time(TIME).build());
  }

  private static Optional<String> work(Errand errand) {
    return switch (errand) {
      case METER -> Optional.of(METER);
      case ASK -> Optional.of(ASK);
      default -> FakeCli.work(errand);
    };
  }
}
