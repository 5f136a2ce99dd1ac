package dev.maestro.testing;

import dev.maestro.testing.AgentProviderContract.Errand;
import java.util.Optional;

/**
 * A program in the place of a real CLI agent, as a shell script that speaks its form of output.
 *
 * @param begin what it writes when it has its prompt; {@code %s} stands for the session
 * @param say what it writes when it says something; {@code %s} stands for the words
 * @param end what it writes when it has come to its end
 * @param resume a shell test that holds for the argument before the session, {@code $1}, or for the
 *     argument behind it, {@code $3}; the session is {@code $2}
 * @param promptIsLast whether its prompt is its last argument, and not its stdin
 */
record FakeCli(String begin, String say, String end, String resume, boolean promptIsLast) {

  private String head() {
    return """
    session=new-1; resumed=; word=
    while [ $# -gt 0 ]; do
      if %s; then session=$2; resumed=yes; fi
      if [ "$1" = resume ]; then word=yes; fi
      last=$1; shift
    done
    %s
    say() { printf '%s\\n' "$1"; }
    begin() { printf '%s\\n' "$session"; }
    end() { printf '%%s\\n' '%s'; exit 0; }
    begin
    """
        .formatted(resume, promptIsLast ? "prompt=$last" : "prompt=$(cat)", say, begin, end);
  }

  Optional<String> script(Errand errand) {
    return work(errand).map(work -> head() + work);
  }

  /**
   * {@return what a script does on an errand, with {@code say} and {@code end}, and the variables
   * {@code prompt}, {@code session} and {@code resumed}}
   */
  static Optional<String> work(Errand errand) {
    return switch (errand) {
      case REPEAT -> Optional.of("say \"$prompt\"; end");
      case WRITE ->
          Optional.of("test -n \"$prompt\" && echo x > " + AgentProviderContract.WRITTEN + "; end");
      case FAIL -> Optional.of("echo 'no luck' >&2; exit 3");
      case HANG -> Optional.of("say here; exec sleep 1000");
      case REMEMBER ->
          Optional.of(
              "if [ -n \"$resumed\" ]; then say \"$(cat \"$session\")\";"
                  + " else printf %s \"$prompt\" > \"$session\"; say ok; fi; end");
      case LEAVE_CHILD ->
          Optional.of(
              "sleep 1000 > /dev/null & echo $! > " + AgentProviderContract.CHILD + "; end");
      case STAY ->
          Optional.of(
              """
              trap '' TERM
              sleep 1000 & echo $! > %1$s
              echo $$ >> %1$s
              say here
              while :; do sleep 1000; done
              """
                  .formatted(AgentProviderContract.CHILD));
      case METER -> Optional.of("say ok; end");
      case OVERSPEND, ASK -> Optional.empty();
    };
  }
}
