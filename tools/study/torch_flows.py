"""Flows of zuko: the neural spline flow and the masked autoregressive flow."""
from tuned import told, tuned


def flow(train, validation, budget, seed, name):
    """Trains a flow of zuko: see tuned.py."""
    import numpy as np, torch, zuko
    torch.set_num_threads(1)
    rows, d = train.shape
    # With few rows, larger nets are not better.
    hidden, transforms = ((64, 64), 3) if rows < 2000 else ((128, 128), 5)
    x = torch.from_numpy(train.astype('float32'))

    class Flow:
        def reset(self):
            torch.manual_seed(seed)
            self.model = dict(nsf=zuko.flows.NSF, maf=zuko.flows.MAF)[name](d, transforms=transforms, hidden_features=hidden, randperm=d > 2)
            self.optimizer = torch.optim.Adam(self.model.parameters())

        def step(self, indices, rate):
            for group in self.optimizer.param_groups: group['lr'] = rate
            loss = -self.model().log_prob(x[torch.from_numpy(indices)]).mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

        def loss(self): return -float(self.score(validation).mean())
        def weights(self): return {key: weight.clone() for key, weight in self.model.state_dict().items()}

        @torch.no_grad()
        def score(self, rows):
            parts = torch.from_numpy(np.asarray(rows, 'float32')).split(4096)
            return torch.cat([self.model().log_prob(part) for part in parts]).double().numpy()

    made = Flow()
    found = tuned(made, rows, budget, seed)
    details = told(found, transforms=transforms, hidden=list(hidden))
    made.model.load_state_dict(found['weights'])
    return made.score, dict(parameters=sum(weight.numel() for weight in made.model.parameters()), curve=found['curve'], details=details)
