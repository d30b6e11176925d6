//! Every effect of every skill is judged here.
