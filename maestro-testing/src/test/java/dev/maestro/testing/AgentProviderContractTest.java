package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.ProviderId;
import dev.maestro.process.Cancellation;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract finds providers that break it, and passes over what a provider cannot do. */
class AgentProviderContractTest {

  @Test
  void skipsWhatAProviderDoesNotDeclareAndSaysWhy() {
    Verdicts verdicts = Verdicts.of(Plain.class);

    assertThat(verdicts.failed()).isEmpty();
    assertThat(verdicts.skipped())
        .containsEntry(
            "resumesASessionByTheIdItReported()", "the provider does not declare session resume")
        .containsEntry(
            "reportsItsLaunchOnceAndFirst()",
            "the provider does not declare a prompt after the start")
        .containsEntry(
            "leavesNoProcessBehind()", "the provider cannot be sent on the errand LEAVE_CHILD");
    assertThat(verdicts.passed()).contains("worksInTheDirectoryOfTheRequest()");
  }

  @Test
  void tellsWhatAProviderDeclaresAndNothingTries() {
    assertThat(Verdicts.of(Able.class).skipped())
        .containsEntry("takesImages()", "the provider declares images, which is not tried here")
        .doesNotContainKey("thinksAsHardAsItIsTold()")
        .containsEntry(
            "usesMcpServers()", "the provider declares MCP servers, which is not tried here")
        .containsEntry(
            "stopsAtTheCapOfTheRequest()", "the provider does not declare a spending cap");
  }

  @Test
  void findsAProviderThatSpendsMoreThanTheCapItDeclares() {
    assertThat(Verdicts.of(Spendthrift.class).failed()).contains("stopsAtTheCapOfTheRequest()");
  }

  @Test
  void findsAProviderThatWorksBeforeItsLaunchIsRecorded() {
    assertThat(Verdicts.of(Hasty.class).failed())
        .contains("doesNothingWhenItsLaunchCannotBeRecorded()");
  }

  @Test
  void findsAProviderThatSwallowsWhatItsListenerThrows() {
    assertThat(Verdicts.of(Deaf.class).failed())
        .contains("doesNothingWhenItsLaunchCannotBeRecorded()", "reportsItsLaunchOnceAndFirst()");
  }

  @Test
  void findsAProviderThatEndsTwice() {
    assertThat(Verdicts.of(Twice.class).failed())
        .contains("getsThePromptAndComesToOneEndThatSaysTheSameAsTheReply()");
  }

  @Test
  void findsAProviderThatWorksAlthoughItIsCancelled() {
    assertThat(Verdicts.of(Eager.class).failed()).contains("doesNothingWhenItIsCancelledBefore()");
  }

  /** Declares nothing, and only repeats and writes. */
  static class Plain extends AgentProviderContract {

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      return switch (errand) {
        case REPEAT, WRITE, REMEMBER, OVERSPEND -> Optional.of(new Broken(errand, this::act));
        default -> Optional.empty();
      };
    }

    Capabilities capabilities() {
      return Capabilities.of();
    }

    AgentReply act(Broken agent, AgentRequest request, AgentListener listener, Cancellation stop) {
      if (stop.isCancelled()) {
        return AgentReply.failed(
            dev.maestro.failure.Failure.of(dev.maestro.failure.ErrorClass.CANCELLED, "cancelled"),
            Usage.NONE);
      }
      agent.work(request);
      AgentReply reply = AgentReply.completed(request.prompt(), Usage.NONE);
      listener.on(new AgentEvent.Completed(reply.text()));
      return reply;
    }

    /** A provider that does its errand in the way that its maker says. */
    final class Broken implements AgentProvider {

      private final Errand errand;
      private final Way way;

      Broken(Errand errand, Way way) {
        this.errand = errand;
        this.way = way;
      }

      @Override
      public ProviderId id() {
        return ProviderId.of("broken");
      }

      @Override
      public Capabilities capabilities() {
        return Plain.this.capabilities();
      }

      @Override
      public Installation detect() {
        return Installation.present(null);
      }

      @Override
      public List<Model> models() {
        return List.of();
      }

      @Override
      public AgentReply run(
          AgentRequest request, AgentListener listener, Cancellation cancellation) {
        return way.act(this, request, listener, cancellation);
      }

      void work(AgentRequest request) {
        if (errand == Errand.WRITE) {
          try {
            Files.writeString(request.directory().resolve(WRITTEN), "x");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }

    interface Way {
      AgentReply act(Broken agent, AgentRequest request, AgentListener listener, Cancellation stop);
    }
  }

  /** Declares what no request can ask for. */
  static final class Able extends Plain {
    @Override
    Capabilities capabilities() {
      return Capabilities.of(Capability.VISION, Capability.THINKING, Capability.MCP);
    }
  }

  /** Declares that it keeps to a cap, and does not look at it. */
  static final class Spendthrift extends Plain {
    @Override
    Capabilities capabilities() {
      return Capabilities.of(Capability.CAPS_SPEND);
    }
  }

  /** Works first and reports then. */
  static final class Hasty extends Plain {
    @Override
    Capabilities capabilities() {
      return Capabilities.of(Capability.PROMPT_AFTER_START);
    }

    @Override
    AgentReply act(Broken agent, AgentRequest request, AgentListener listener, Cancellation stop) {
      agent.work(request);
      listener.on(new AgentEvent.Launched(null));
      return super.act(agent, request, listener, stop);
    }
  }

  /** Reports its launch twice and goes on whatever the listener says. */
  static final class Deaf extends Plain {
    @Override
    Capabilities capabilities() {
      return Capabilities.of(Capability.PROMPT_AFTER_START);
    }

    @Override
    AgentReply act(Broken agent, AgentRequest request, AgentListener listener, Cancellation stop) {
      AgentListener deaf =
          event -> {
            try {
              listener.on(event);
            } catch (IllegalStateException e) {
              // that is what is wrong with it
            }
          };
      deaf.on(new AgentEvent.Launched(null));
      deaf.on(new AgentEvent.Launched(null));
      return super.act(agent, request, deaf, stop);
    }
  }

  /** Says twice that it is at its end. */
  static final class Twice extends Plain {
    @Override
    AgentReply act(Broken agent, AgentRequest request, AgentListener listener, Cancellation stop) {
      AgentReply reply = super.act(agent, request, listener, stop);
      listener.on(new AgentEvent.Completed(reply.text()));
      return reply;
    }
  }

  /** Cannot be cancelled. */
  static final class Eager extends Plain {
    @Override
    AgentReply act(Broken agent, AgentRequest request, AgentListener listener, Cancellation stop) {
      return super.act(agent, request, listener, Cancellation.never());
    }
  }
}
